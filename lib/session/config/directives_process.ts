// directives_process.ts: the process: logging, its title, how it is started and how it crashes.

import { byteOrderLocale, titleTemplate } from "./checks.ts";
import {
  accepted,
  bool,
  BUILT,
  DEBUG,
  type Directive,
  HIDDEN,
  IMMUTABLE,
  INT_MAX,
  number,
  oneOf,
  optionalText,
  pending,
  text,
} from "./directive.ts";

const NO_TITLE = accepted("the process keeps the title of the runtime");
const NO_PINNING = accepted("the server does not pin threads to processors");
const NO_REPORT = accepted("crashes are reported by the runtime");

export const PROCESS: readonly Directive[] = [
  number("hz", 10n, 0n, INT_MAX, "per-second", accepted("the timer has its own pace"), {
    clamp: [1n, 500n],
  }),
  optionalText("pidfile", BUILT, { flags: IMMUTABLE }),
  bool(
    "daemonize",
    "no",
    pending("This server cannot go into the background by itself: start it with a service manager"),
    { flags: IMMUTABLE },
  ),
  oneOf(
    "supervised",
    ["upstart", "systemd", "auto", "no"],
    "no",
    pending("Reporting to a service manager is not built yet"),
    { flags: IMMUTABLE },
  ),
  oneOf("loglevel", ["debug", "verbose", "notice", "warning", "nothing"], "notice", BUILT),
  text("logfile", "", BUILT, { flags: IMMUTABLE }),
  oneOf("log-format", ["legacy", "logfmt", "json"], "legacy", BUILT),
  oneOf("log-timestamp-format", ["legacy", "iso8601", "milliseconds"], "legacy", BUILT),
  bool("hide-user-data-from-log", "yes", accepted("no user data is written to the log")),
  bool("syslog-enabled", "no", pending("Logging to syslog is not built yet"), { flags: IMMUTABLE }),
  text("syslog-ident", "valkey", accepted("logging to syslog is not built yet"), {
    flags: IMMUTABLE,
  }),
  oneOf(
    "syslog-facility",
    ["user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"],
    "local0",
    accepted("logging to syslog is not built yet"),
    { flags: IMMUTABLE },
  ),
  bool("always-show-logo", "no", BUILT, { flags: IMMUTABLE }),
  bool("set-proc-title", "yes", NO_TITLE, { flags: IMMUTABLE }),
  text("proc-title-template", "{title} {listen-addr} {server-mode}", NO_TITLE, {
    check: titleTemplate,
  }),
  text("locale-collate", "", accepted("texts sort by bytes"), { check: byteOrderLocale }),
  bool("extended-redis-compatibility", "no", BUILT),
  optionalText("server-cpulist", NO_PINNING, { aliases: ["server_cpulist"], flags: IMMUTABLE }),
  optionalText("bio-cpulist", NO_PINNING, { aliases: ["bio_cpulist"], flags: IMMUTABLE }),
  text("ignore-warnings", "", accepted("there are no such warnings")),
  bool("crash-log-enabled", "yes", NO_REPORT),
  bool("crash-memcheck-enabled", "yes", NO_REPORT),
  bool("use-exit-on-panic", "no", NO_REPORT, { flags: HIDDEN }),
  text("debug-context", "", NO_REPORT, { flags: DEBUG | HIDDEN }),
  number("watchdog-period", 0n, 0n, INT_MAX, "milliseconds", NO_REPORT, { flags: HIDDEN }),
  bool("enable-debug-assert", "no", accepted("DEBUG ASSERT is not built yet"), {
    flags: IMMUTABLE | HIDDEN,
  }),
];
