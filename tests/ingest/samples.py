"""Lines as real programs write them, and what they say, by the format that should read them.

An expectation names fields of Entry; `attributes` are compared as far as they are named, `at` is
the time in ISO form. `None` instead of an expectation: any entry will do.
"""

from typing import Any

Expected = dict[str, Any]
SAMPLES: dict[str, list[tuple[str, Expected]]] = {
    "json": [
        (
            '{"time":"2026-11-24T10:00:00.123Z","level":"INFO","service":"cart","msg":"added",'
            '"trace_id":"4bf92f","hostname":"web1","sku":7}',
            {
                "at": "2026-11-24T10:00:00.123000+00:00",
                "level": "INFO",
                "source": "cart",
                "message": "added",
                "trace_id": "4bf92f",
                "host": "web1",
                "attributes": {"sku": 7},
            },
        ),
        (  # pino
            '{"level":50,"time":1795514400123,"pid":7,"hostname":"web1","name":"api","msg":"boom"}',
            {
                "at": "2026-11-24T10:00:00.123000+00:00",
                "level": "error",
                "source": "api",
                "host": "web1",
                "attributes": {"pid": 7},
            },
        ),
        (  # zap
            '{"level":"info","ts":1669575482.0968924,"logger":"manager","msg":"started"}',
            {"at": "2022-11-27T18:58:02.096892+00:00", "source": "manager", "message": "started"},
        ),
        (  # CloudNativePG
            '{"level":"info","ts":1669575482.5,"logger":"postgres","msg":"record","logging_pod":'
            '"pg-1","record":{"error_severity":"FATAL","message":"no pg_hba.conf entry",'
            '"process_id":"600"}}',
            {
                "source": "postgres",
                "host": "pg-1",
                "level": "FATAL",
                "message": "no pg_hba.conf entry",
                "attributes": {"process_id": "600"},
            },
        ),
        (  # Elastic Common Schema, nested
            '{"@timestamp":"2026-11-24T10:00:00.000Z","log":{"level":"warn","logger":"a.B"},'
            '"service":{"name":"cart"},"host":{"name":"web1"},"trace":{"id":"77"},"message":"slow"}',
            {
                "level": "warn",
                "source": "cart",
                "host": "web1",
                "trace_id": "77",
                "attributes": {"log.logger": "a.B"},
            },
        ),
        (  # GELF counts levels like syslog
            '{"version":"1.1","host":"web1","short_message":"down","timestamp":1795514400.5,'
            '"level":3,"_zone":"a"}',
            {"level": "err", "message": "down", "host": "web1", "attributes": {"_zone": "a"}},
        ),
        (  # journald's, of what is not printable UTF-8
            '{"__REALTIME_TIMESTAMP":"1795514400123456","PRIORITY":"4","MESSAGE":[104,105,32,255]}',
            {"level": "warning", "message": "hi \ufffd"},
        ),
        (  # journald's export
            '{"__REALTIME_TIMESTAMP":"1795514400000001","_HOSTNAME":"web1","PRIORITY":"4",'
            '"SYSLOG_IDENTIFIER":"sudo","MESSAGE":"3 incorrect attempts"}',
            {
                "at": "2026-11-24T10:00:00.000001+00:00",
                "level": "warning",
                "source": "sudo",
                "host": "web1",
            },
        ),
        (  # Docker's json-file
            '{"log":"listening\\n","stream":"stdout","time":"2026-11-24T10:00:00.123456789Z"}',
            {
                "at": "2026-11-24T10:00:00.123456+00:00",
                "message": "listening",
                "attributes": {"stream": "stdout"},
            },
        ),
        (  # MongoDB
            '{"t":{"$date":"2026-11-24T10:00:00.123+00:00"},"s":"W","c":"NETWORK","id":1,'
            '"ctx":"conn9","msg":"Slow query","attr":{"ms":900}}',
            {
                "at": "2026-11-24T10:00:00.123000+00:00",
                "level": "warning",
                "message": "Slow query",
                "attributes": {"c": "NETWORK", "attr": {"ms": 900}},
            },
        ),
        (  # Serilog, nanoseconds as a number, no message: the line itself is one
            '{"@t":1795514400123456789,"@l":"Warning","Elapsed":3}',
            {
                "at": "2026-11-24T10:00:00.123456+00:00",
                "level": "Warning",
                "message": '{"@t":1795514400123456789,"@l":"Warning","Elapsed":3}',
            },
        ),
    ],
    "container": [
        (
            "2026-11-24T10:00:00.123456789Z stdout F order 7 placed",
            {
                "at": "2026-11-24T10:00:00.123456+00:00",
                "message": "order 7 placed",
                "attributes": {"stream": "stdout"},
            },
        ),
        (
            "2026-11-24T10:00:00.123456789+01:00 stderr P a very long",
            {"message": "a very long", "attributes": {"stream": "stderr", "part": "P"}},
        ),
    ],
    "syslog_3164": [
        (
            "<34>Oct 11 22:14:15 mymachine su[230]: 'su root' failed for lonvick on /dev/pts/8",
            {
                "level": "crit",
                "source": "su",
                "host": "mymachine",
                "message": "'su root' failed for lonvick on /dev/pts/8",
                "attributes": {"pid": 230, "facility": "auth"},
            },
        ),
        (
            "Mar  7 13:06:56 ip-10-77-20-248 systemd-logind[1118]: New session 858 of user ubuntu.",
            {"level": None, "source": "systemd-logind", "host": "ip-10-77-20-248"},
        ),
        (
            "2026-11-24T10:00:00.123456+00:00 web1 CRON[99]: (root) CMD (true)",
            {"at": "2026-11-24T10:00:00.123456+00:00", "source": "CRON", "host": "web1"},
        ),
        (
            "<134>Nov 24 05:00:00 haproxy[123]: 10.0.0.1:50000 [24/Nov/2026:05:00:00.1] web app/a",
            {"level": "info", "source": "haproxy", "host": None, "attributes": {"pid": 123}},
        ),
        (
            "Nov 24 05:00:00 web1 postfix/smtpd[7]: connect from unknown[10.0.0.9]",
            {"source": "postfix/smtpd", "message": "connect from unknown[10.0.0.9]"},
        ),
        (
            "Nov 24 05:00:00 web1 kernel: [12.5] Out of memory: Killed process 7",
            {"source": "kernel", "message": "[12.5] Out of memory: Killed process 7"},
        ),
        (
            "Nov 24 05:00:00 web1 last message repeated 2 times",
            {"host": "web1", "message": "last message repeated 2 times"},
        ),
    ],
    "syslog_5424": [
        (
            "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 "
            '[exampleSDID@32473 iut="3" eventSource="App \\"x\\" \\]"][y@1] \ufeffAn entry',
            {
                "at": "2003-10-11T22:14:15.003000+00:00",
                "level": "notice",
                "source": "evntslog",
                "host": "mymachine.example.com",
                "message": "An entry",
                "attributes": {
                    "message_id": "ID47",
                    "facility": "local4",
                    "exampleSDID@32473": {"iut": "3", "eventSource": 'App "x" ]'},
                    "y@1": {},
                },
            },
        ),
        (
            "<38>1 2026-11-24T10:00:00+01:00 app01 sshd 58 - -  Server listening on port 22.",
            {"message": "Server listening on port 22.", "attributes": {"pid": 58}},
        ),
        ("<13>1 - - - - - -", {"at": None, "source": None, "host": None, "message": ""}),
    ],
    "access": [
        (
            '83.149.9.216 - frank [17/May/2015:10:05:03 +0200] "GET /a?b=1 HTTP/1.1" 404 2326 '
            '"http://example.com/" "Mozilla/5.0 (\\"x\\")"',
            {
                "at": "2015-05-17T10:05:03+02:00",
                "level": None,
                "message": "GET /a?b=1 404 Not Found",
                "attributes": {
                    "method": "GET",
                    "path": "/a?b=1",
                    "protocol": "HTTP/1.1",
                    "status": 404,
                    "bytes": 2326,
                    "client": "83.149.9.216",
                    "user": "frank",
                    "referer": "http://example.com/",
                    "agent": 'Mozilla/5.0 (\\"x\\")',
                },
            },
        ),
        (
            '::1 - - [24/Nov/2026:10:00:00 +0000] "POST /orders HTTP/2.0" 499 0',
            {"message": "POST /orders 499 Client Closed Request"},
        ),
        (
            '10.0.0.1 - - [24/Nov/2026:10:00:00 +0000] "\\x16\\x03\\x01" 400 157 "-" "-"',
            {"message": "\\x16\\x03\\x01 400 Bad Request", "attributes": {"status": 400}},
        ),
        (
            "shop.example:443 10.0.0.1 - - [24/Nov/2026:10:00:00 +0000] "
            '"GET / HTTP/1.1" 200 5 "-" "curl" rt=0.012',
            {"attributes": {"virtual_host": "shop.example:443", "more": "rt=0.012"}},
        ),
        (
            '10.0.0.1 - - [24/Nov/2026:10:00:00 +0000] "-" 408 -',
            {"message": "- 408 Request Timeout"},
        ),
    ],
    "apache_error": [
        (
            "[Wed Jan 29 00:36:30.123456 2025] [authz_core:error] [pid 36:tid 1404] [client "
            "10.0.0.2:48804] AH01630: client denied: /var/www/x, referer: http://e.com/",
            {
                "at": "2025-01-29T00:36:30.123456+00:00",
                "level": "error",
                "message": "AH01630: client denied: /var/www/x",
                "attributes": {
                    "module": "authz_core",
                    "pid": 36,
                    "tid": 1404,
                    "client": "10.0.0.2:48804",
                    "referer": "http://e.com/",
                },
            },
        ),
        (
            "[Sat Oct 11 15:10:14 2025] [error] [client 136.142.64.221] Directory index forbidden",
            {"level": "error", "message": "Directory index forbidden"},
        ),
    ],
    "nginx_error": [
        (
            '2026/11/24 10:00:00 [error] 31#32: *7 open() "/srv/x" failed (2: No such file), '
            'client: 10.0.0.1, server: _, request: "GET /x HTTP/1.1", host: "e.com"',
            {
                "at": "2026-11-24T10:00:00+00:00",
                "level": "error",
                "message": 'open() "/srv/x" failed (2: No such file)',
                "attributes": {
                    "pid": 31,
                    "tid": 32,
                    "connection": 7,
                    "client": "10.0.0.1",
                    "request": "GET /x HTTP/1.1",
                    "host": "e.com",
                },
            },
        ),
        (
            "2026/11/24 10:00:00 [notice] 1#1: signal 15 (SIGTERM) received from 1, exiting",
            {"level": "notice", "message": "signal 15 (SIGTERM) received from 1, exiting"},
        ),
    ],
    "postgresql": [
        (
            "2026-11-24 10:00:00.123 UTC [42] shop@orders ERROR:  deadlock detected",
            {
                "at": "2026-11-24T10:00:00.123000+00:00",
                "level": "ERROR",
                "message": "deadlock detected",
                "attributes": {"pid": 42, "user": "shop", "database": "orders"},
            },
        ),
        (
            "2026-11-24 11:00:00 CET [42]: [3-1] user=shop,db=orders,app=psql,client=10.0.0.1 "
            "LOG:  duration: 5.1 ms  statement: select 1",
            {
                "at": "2026-11-24T11:00:00+01:00",
                "level": "LOG",
                "message": "duration: 5.1 ms  statement: select 1",
                "attributes": {"application": "psql", "client": "10.0.0.1", "database": "orders"},
            },
        ),
        (  # Amazon's prefix, %t:%r:%u@%d:[%p]:
            "2026-11-24 10:00:00 UTC:10.0.0.1(52314):shop@orders:[42]:FATAL:  role not permitted",
            {"level": "FATAL", "attributes": {"pid": 42, "user": "shop", "database": "orders"}},
        ),
        (  # the server's language
            "2026-11-24 10:00:00.123 UTC [42] FEHLER:  Verklemmung erkannt",
            {"level": "FEHLER", "message": "Verklemmung erkannt"},
        ),
    ],
    "redis": [
        (
            "1234:M 24 Nov 2026 10:00:00.123 # Out Of Memory allocating 8 bytes!",
            {
                "at": "2026-11-24T10:00:00.123000+00:00",
                "level": "warning",
                "message": "Out Of Memory allocating 8 bytes!",
                "attributes": {"pid": 1234, "role": "M"},
            },
        ),
        (
            "98:signal-handler (1795514400) Received SIGTERM scheduling shutdown...",
            {"at": "2026-11-24T10:00:00+00:00", "level": None},
        ),
    ],
    "rabbitmq": [
        (
            "2026-11-24 10:00:00.123456+00:00 [warning] <0.742.0> closing AMQP connection",
            {"level": "warning", "attributes": {"process": "0.742.0"}},
        ),
    ],
    "mysql": [
        (
            "2026-11-24  9:00:00 0 [Note] InnoDB: Buffer pool(s) load completed",
            {"at": "2026-11-24T09:00:00+00:00", "level": "Note"},
        ),
        (
            "261124  9:00:00 [ERROR] mysqld got signal 6 ;",
            {"at": "2026-11-24T09:00:00+00:00", "level": "ERROR"},
        ),
        (
            "2026-11-24T10:00:00.123456Z 8 [ERROR] [MY-010584] [Repl] Replica I/O: error",
            {"level": "ERROR", "attributes": {"tid": 8, "code": "MY-010584", "subsystem": "Repl"}},
        ),
    ],
    "haproxy": [
        (
            "[WARNING]  (2531) : Server app/a is DOWN, reason: Layer4 timeout.",
            {"at": None, "level": "WARNING", "attributes": {"pid": 2531}},
        ),
    ],
    "squid_access": [
        (
            "1795514400.573     98 127.0.6.17 TCP_MISS/404 305 GET http://a.example/p?q=1 - "
            "HIER_DIRECT/127.0.0.1 application/json",
            {
                "at": "2026-11-24T10:00:00.573000+00:00",
                "level": None,
                "message": "GET http://a.example/p?q=1 404 Not Found",
                "attributes": {
                    "elapsed_ms": 98,
                    "client": "127.0.6.17",
                    "result": "TCP_MISS",
                    "status": 404,
                    "bytes": 305,
                    "hierarchy": "HIER_DIRECT/127.0.0.1",
                    "type": "application/json",
                },
            },
        ),
        (
            "1795514400.303      0 127.0.0.1 NONE_NONE/000 0 - error:transaction-end-before-headers"
            " - HIER_NONE/- -",
            {"message": "- error:transaction-end-before-headers 0"},
        ),
    ],
    "squid": [
        (
            "2026/11/24 10:00:00 kid1| WARNING: swapfile header too small",
            {"level": "WARNING", "message": "swapfile header too small"},
        ),
        (
            "2026/11/24 10:00:00| Finished rebuilding storage from disk.",
            {"at": "2026-11-24T10:00:00+00:00", "level": None},
        ),
    ],
    "bind": [
        (
            "24-Nov-2026 10:00:00.123 query-errors: info: client @0x7f 10.0.0.1#5: query failed",
            {
                "at": "2026-11-24T10:00:00.123000+00:00",
                "level": "info",
                "message": "client @0x7f 10.0.0.1#5: query failed",
                "attributes": {"category": "query-errors"},
            },
        ),
        ("2026-11-24T10:00:00.123Z resolver: debug 3: fetch", {"level": "debug 3"}),
    ],
    "dovecot": [
        (
            "2026-11-24 10:00:00.898339 lmtp(u6@example.org)<267><WAx6NaAxBW>: Debug: Box: open",
            {
                "level": "Debug",
                "message": "Box: open",
                "attributes": {
                    "service": "lmtp",
                    "user": "u6@example.org",
                    "pid": 267,
                    "session": "WAx6NaAxBW",
                },
            },
        ),
        (
            "Nov 24 05:00:00 imap-login: Info: Login: user=<user2>",
            {"at": "2026-11-24T05:00:00+00:00", "level": "Info"},
        ),
    ],
    "spring_boot": [
        (
            "2026-11-24T10:00:00.123+01:00  INFO 1 --- [shop] [nio-8080-exec-1] "
            "c.e.shop.OrderService              : order placed",
            {
                "at": "2026-11-24T10:00:00.123000+01:00",
                "level": "INFO",
                "message": "order placed",
                "attributes": {
                    "pid": 1,
                    "application": "shop",
                    "thread": "nio-8080-exec-1",
                    "logger": "c.e.shop.OrderService",
                },
            },
        ),
        (
            "2026-11-24 10:00:00.123 ERROR 7 --- [           main] o.s.boot.SpringApplication : no",
            {"level": "ERROR", "attributes": {"logger": "o.s.boot.SpringApplication"}},
        ),
    ],
    "kafka": [
        (
            "[2016-12-20 00:02:15,930] INFO Rolled segment for 'test-2' in 1 ms. (kafka.log.Log)",
            {
                "at": "2016-12-20T00:02:15.930000+00:00",
                "level": "INFO",
                "message": "Rolled segment for 'test-2' in 1 ms.",
                "attributes": {"logger": "kafka.log.Log"},
            },
        ),
    ],
    "elasticsearch": [
        (
            "[2026-11-24T10:00:00,123][WARN ][o.e.c.r.a.DiskThreshold  ] [node-1] high watermark",
            {
                "level": "WARN",
                "message": "high watermark",
                "attributes": {"logger": "o.e.c.r.a.DiskThreshold", "node": "node-1"},
            },
        ),
    ],
    "tomcat": [
        (
            "24-Nov-2026 10:00:00.123 SEVERE [main] org.apache.catalina.core.Standard F",
            {
                "at": "2026-11-24T10:00:00.123000+00:00",
                "level": "SEVERE",
                "message": "F",
                "attributes": {"logger": "org.apache.catalina.core.Standard"},
            },
        ),
    ],
    "log4j": [
        (
            "2026-11-24 10:00:00,123 WARN [main] org.example.Shop - low stock",
            {"level": "WARN", "message": "low stock", "attributes": {"thread": "main"}},
        ),
        (
            "2026-11-24 10:00:00.123 [http-8080-[exec]-1] ERROR c.e.Shop - failed",
            {"level": "ERROR", "attributes": {"thread": "http-8080-[exec]-1"}},
        ),
        (
            "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: x",
            {
                "level": "INFO",
                "attributes": {"logger": "org.apache.hadoop.mapreduce.v2.app.MRAppMaster"},
            },
        ),
        (
            "2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:2181:FastLeader@774] - Not.",
            {
                "level": "INFO",
                "message": "Not.",
                "attributes": {
                    "thread": "QuorumPeer[myid=1]/0:2181",
                    "logger": "FastLeader",
                    "line": 774,
                },
            },
        ),
        (
            "17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered signal",
            {"at": "2017-06-09T20:10:40+00:00", "level": "INFO"},
        ),
        (
            "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 terminating",
            {"at": "2008-11-09T20:36:15+00:00", "attributes": {"tid": 148}},
        ),
        (
            "INFO  [main] 2026-11-24 10:00:00,123 StorageService.java:654 - Cassandra version: 4",
            {"level": "INFO", "message": "Cassandra version: 4"},
        ),
        (
            "2026-11-24 10:00:00,123 INFO  [org.jboss.as] (MSC 1-2) WFLYSRV0049: starting",
            {"attributes": {"logger": "org.jboss.as", "thread": "MSC 1-2"}},
        ),
        (
            "2026-11-24 10:00:00,123 INFO org.apache.hadoop.hdfs.DFSClient: Exception in create",
            {"level": "INFO", "message": "Exception in create"},
        ),
    ],
    "python": [
        (
            "2026-11-24 10:00:00,123 INFO app.orders: placed order 7: paid",
            {
                "at": "2026-11-24T10:00:00.123000+00:00",
                "level": "INFO",
                "message": "placed order 7: paid",
                "attributes": {"logger": "app.orders"},
            },
        ),
        (
            "WARNING:app.orders:stock is low: 3",
            {
                "at": None,
                "level": "WARNING",
                "message": "stock is low: 3",
                "attributes": {"logger": "app.orders"},
            },
        ),
        (
            "2026-11-24 10:00:00,123 - app.orders - ERROR - no such order",
            {"level": "ERROR", "message": "no such order", "attributes": {"logger": "app.orders"}},
        ),
        (
            "2026-11-24 10:00:00,123 [ERROR] app.orders: no such order",
            {"level": "ERROR", "attributes": {"logger": "app.orders"}},
        ),
        (
            "2026-11-24 10:00:00,123 DEBUG [108] shop.web [777ef0e2dbc8] GET /healthz",
            {
                "level": "DEBUG",
                "message": "GET /healthz",
                "attributes": {"pid": 108, "logger": "shop.web", "request_id": "777ef0e2dbc8"},
            },
        ),
        (
            "[2026-11-24 10:00:00 +0000] [105] [CRITICAL] WORKER TIMEOUT (pid:108)",
            {"level": "CRITICAL", "attributes": {"pid": 105}},
        ),
        (
            "[2026-11-24 10:00:00,123: INFO/MainProcess] celery@web1 ready.",
            {"level": "INFO", "attributes": {"process": "MainProcess"}},
        ),
        (
            "2026-11-24 10:00:00.123 | SUCCESS  | __main__:main:12 - done",
            {"level": "SUCCESS", "message": "done", "attributes": {"logger": "__main__:main:12"}},
        ),
        (
            "2026-11-24 10:00:00 [scrapy.core.engine] INFO: Spider opened",
            {"level": "INFO", "attributes": {"logger": "scrapy.core.engine"}},
        ),
        (
            "[2026-11-24 10:00:00,123] ERROR in app: Exception on / [GET]",
            {"level": "ERROR", "attributes": {"module": "app"}},
        ),
        (
            'INFO:     127.0.0.1:50000 - "GET / HTTP/1.1" 200 OK',
            {"level": "INFO", "message": '127.0.0.1:50000 - "GET / HTTP/1.1" 200 OK'},
        ),
    ],
    "klog": [
        (
            "E1124 04:00:00.123456   12345 reflector.go:127] Failed to watch *v1.Pod",
            {
                "level": "ERROR",
                "message": "Failed to watch *v1.Pod",
                "attributes": {"tid": 12345, "file": "reflector.go", "line": 127},
            },
        ),
    ],
    "zap": [
        (
            '2026-11-24T10:00:00.123Z\twarn\tetcdserver/util.go:170\tapply took too long\t{"t":1}',
            {"level": "warn", "attributes": {"caller": "etcdserver/util.go:170"}},
        ),
    ],
    "go": [
        (
            "2026/11/24 10:00:00 main.go:12: listening on :8080",
            {"message": "listening on :8080", "attributes": {"file": "main.go", "line": 12}},
        ),
        ("2026/11/24 10:00:00.123456 [WARN] agent: check is critical", {"level": "WARN"}),
        ("2026/11/24 10:00:00 http: TLS handshake error", {"message": "http: TLS handshake error"}),
    ],
    "logfmt": [
        (
            'time=2026-11-24T10:00:00.5Z level=warn msg="low \\"stock\\"\\n" service=cart id=7',
            {
                "at": "2026-11-24T10:00:00.500000+00:00",
                "level": "warn",
                "message": 'low "stock"',
                "source": "cart",
                "attributes": {"id": "7"},
            },
        ),
        (
            "at=info method=GET path=/ ts=1795514400 msg=served dyno= verbose",
            {"at": "2026-11-24T10:00:00+00:00", "attributes": {"dyno": "", "verbose": True}},
        ),
    ],
    "jul": [
        ("Nov 24, 2026 3:05:09 PM org.example.Shop open", {"at": "2026-11-24T15:05:09+00:00"}),
    ],
    "timestamped": [
        ("2026-11-24T10:00:00Z disk is full", {"level": None, "message": "disk is full"}),
        ("2026-11-24 10:00:00 ERROR disk is full", {"level": "ERROR", "message": "disk is full"}),
        ("[2026-11-24T10:00:00Z WARN  shop::cart] low", {"level": "WARN", "message": "low"}),
        (
            '[24/Nov/2026 10:00:00] "GET / HTTP/1.1" 200 5',
            {"level": None, "message": '"GET / HTTP/1.1" 200 5'},
        ),
        ("1795514400: mosquitto version 2.0.11 starting", {"at": "2026-11-24T10:00:00+00:00"}),
        ("2026-11-24 10:00 - restarted by hand", {"message": "restarted by hand"}),
    ],
}
