"""rsyslog, which receives what other programs send to syslog, and cron, which sends to it."""

import signal
from pathlib import Path

from training.capture.box import ROOT, SetupError
from training.capture.program import Chore, FaultKind, Program

# RFC 5424 with the priority, so that the severity a program gave its line is not lost. cron keeps
# Debian's own default, the ISO stamp without a priority, which most machines have in their files.
CONFIGURATION = """\
module(load="imuxsock")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="514")
global(parser.permitSlashInProgramName="on" workDirectory="{work}" maxMessageSize="8k")
template(name="path" type="string" string="{log}/%programname%.log")
$FileCreateMode 0644
$umask 0022
if $programname == "rsyslogd" then {{
    action(type="omfile" file="{log}/rsyslog.log" template="RSYSLOG_SyslogProtocol23Format")
    stop
}}
if $programname == ["CRON", "cron", "crontab", "backup", "housekeeping"] then {{
    action(type="omfile" file="{log}/cron.log" template="RSYSLOG_FileFormat")
    stop
}}
if $programname == ["sshd", "sftp-server", "internal-sftp"] then {{
    action(type="omfile" file="{log}/sshd.log" template="RSYSLOG_SyslogProtocol23Format")
    stop
}}
if $programname startswith "postfix" then {{
    action(type="omfile" file="{log}/postfix.log" template="RSYSLOG_SyslogProtocol23Format")
    stop
}}
if $programname == ["slapd", "haproxy"] then {{
    action(type="omfile" dynaFile="path" template="RSYSLOG_SyslogProtocol23Format")
    stop
}}
action(type="omfile" file="{log}/rsyslog.log" template="RSYSLOG_SyslogProtocol23Format")
"""

CRONTAB = """\
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin
* * * * * root   logger -t housekeeping -p cron.info "removed $(ls /tmp | wc -l) stale sessions"
* * * * * backup logger -t backup -p cron.notice "snapshot $(date +\\%s) written, 3 kept"
*/2 * * * * www-data /usr/bin/test -w /srv/reports
*/3 * * * * root cd / && run-parts --report /etc/cron.hourly
*/5 * * * * backup /usr/bin/true
"""


class Rsyslog(Program):
    """The syslog daemon; other programs' lines go to files named after them."""

    name = "rsyslog"
    packages = ("rsyslog",)
    stems = ("rsyslog",)
    version_command = ("rsyslogd", "-v")

    def prepare(self) -> None:
        """Write the configuration."""
        work = self.box.home("rsyslog")
        text = CONFIGURATION.format(work=work, log=ROOT / "log")
        self._configuration = self.box.write(work / "rsyslog.conf", text)

    def start(self) -> None:
        """Start in the foreground."""
        pid = ROOT / "rsyslog/rsyslogd.pid"
        pid.unlink(missing_ok=True)
        self.daemon = self.box.spawn(["rsyslogd", "-n", "-f", self._configuration, "-i", pid])

    def ready(self) -> bool:
        """Tell whether a message arrives."""
        self.box.run(["logger", "-t", "housekeeping", "-p", "user.debug", "syslog probe"])
        return self.box.log("cron").exists()

    def work(self) -> list[Chore]:
        """Rotate now and then; kernel-less machines still log odd things."""
        return [
            Chore("rotation", 150, self._rotate, disruptive=True),
            Chore("notice", 20, self._notice),
        ]

    def _rotate(self) -> None:
        self.signal(signal.SIGHUP)

    def _notice(self) -> None:
        severity, text = self.box.rng.choice(
            [
                ("daemon.info", "time synchronised, offset -0.000213 s"),
                ("daemon.notice", f"disk usage of /srv at {self.box.rng.randint(31, 48)} %"),
                ("user.warning", "package cache is 3 days old"),
                ("user.debug", f"heartbeat {self.box.rng.randint(1, 99999)}"),
            ]
        )
        self.box.run(["logger", "-t", "hostwatch", "-p", severity, text])


class Cron(Program):
    """The cron daemon with jobs every minute and more seldom."""

    name = "cron"
    packages = ("cron", "bsdutils")
    stems = ("cron",)
    needs = ("rsyslog",)

    def prepare(self) -> None:
        """Write the table of jobs; the machine's own are left out."""
        self.box.must(["sh", "-c", "rm -f /etc/cron.d/* /var/spool/cron/crontabs/*"])
        self.box.write(Path("/etc/crontab"), CRONTAB)
        self.box.write(Path("/etc/cron.hourly/tidy"), "#!/bin/sh\nexit 0\n", mode=0o755)

    def start(self) -> None:
        """Start in the foreground, logging starts, ends and failures of jobs."""
        self.daemon = self.box.spawn(["cron", "-f", "-L", "7"])

    def ready(self) -> bool:
        """Tell whether the daemon is alive."""
        return self.daemon is not None and self.daemon.poll() is None

    def work(self) -> list[Chore]:
        """Edit a user's table now and then."""
        return [Chore("crontab", 70, self._edit)]

    def faults(self) -> list[FaultKind]:
        """Break the table of jobs."""
        return [FaultKind("cron-broken-table", "cron", ("cron",), self._break_table)]

    def _edit(self) -> None:
        minute = self.box.rng.randint(0, 59)
        self.box.run(["crontab", "-u", "backup", "-"], text=f"{minute} * * * * /usr/bin/true\n")

    def _break_table(self) -> None:
        """Leave a table with a typing error; cron rejects it when it next wakes."""
        path = Path("/etc/cron.d/deploy")
        before = self.box.log("cron").stat().st_size
        self.box.write(path, "*/61 * * * deploy /usr/bin/true\nnonsense line\n")
        for _ in range(75):
            self.box.pause(1)
            with self.box.log("cron").open("rb") as stream:
                stream.seek(before)
                if b"Error:" in stream.read():
                    break
        else:
            raise SetupError("cron took no notice of the broken table within 75 s")
        path.unlink()
