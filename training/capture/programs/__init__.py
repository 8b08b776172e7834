"""One module per program; `available` lists them in the order in which they start."""

from collections.abc import Iterable

from training.capture.program import Program
from training.capture.programs.apache import Apache
from training.capture.programs.bind import Bind
from training.capture.programs.celery import Celery
from training.capture.programs.dovecot import Dovecot
from training.capture.programs.etcd import Etcd
from training.capture.programs.haproxy import HaProxy
from training.capture.programs.mariadb import MariaDb
from training.capture.programs.mosquitto import Mosquitto
from training.capture.programs.nginx import Nginx
from training.capture.programs.openldap import OpenLdap
from training.capture.programs.openssh import OpenSsh
from training.capture.programs.payments import Payments
from training.capture.programs.postfix import Postfix
from training.capture.programs.postgresql_faults import PostgreSql
from training.capture.programs.rabbitmq import RabbitMq
from training.capture.programs.redis import Redis
from training.capture.programs.rsyslog import Cron, Rsyslog
from training.capture.programs.shop import Shop
from training.capture.programs.squid import Squid
from training.capture.programs.tomcat import Tomcat
from training.capture.programs.visitors import Visitors
from training.capture.programs.zookeeper import ZooKeeper

# Dependencies come first: what logs to syslog after rsyslog, the shop after its stores.
available: tuple[type[Program], ...] = (
    Rsyslog,
    Cron,
    OpenSsh,
    Bind,
    OpenLdap,
    PostgreSql,
    Redis,
    MariaDb,
    RabbitMq,
    Mosquitto,
    ZooKeeper,
    Etcd,
    Dovecot,
    Postfix,
    Celery,
    Payments,
    Shop,
    Nginx,
    Tomcat,
    Apache,
    HaProxy,
    Squid,
    Visitors,
)


def select(names: Iterable[str]) -> list[type[Program]]:
    """Give the named programs and those they cannot work without, in the order of starting."""
    by_name = {program.name: program for program in available}
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(by_name[name].needs)
    return [program for program in available if program.name in wanted]
