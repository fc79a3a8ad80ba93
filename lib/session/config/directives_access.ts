// directives_access.ts: who may do what: passwords, ACL, commands that are off by default.

import {
  accepted,
  BUILT,
  type Directive,
  IMMUTABLE,
  LONG_MAX,
  number,
  oneOf,
  optionalText,
  pending,
  SENSITIVE,
  text,
} from "./directive.ts";

export const ACCESS: readonly Directive[] = [
  optionalText("requirepass", BUILT, { flags: SENSITIVE, binary: true }),
  text("aclfile", "", pending("Users from an ACL file are not built yet"), { flags: IMMUTABLE }),
  oneOf(
    "acl-pubsub-default",
    ["allchannels", "resetchannels"],
    "resetchannels",
    accepted("ACL rules are not built yet"),
  ),
  number("acllog-max-len", 128n, 0n, LONG_MAX, "count", accepted("the ACL log is not built yet"), {
    unsigned: true,
  }),
  oneOf("enable-protected-configs", ["no", "yes", "local"], "no", BUILT, { flags: IMMUTABLE }),
  oneOf("enable-debug-command", ["no", "yes", "local"], "no", BUILT, { flags: IMMUTABLE }),
  oneOf(
    "enable-module-command",
    ["no", "yes", "local"],
    "no",
    accepted("modules cannot be loaded"),
    { flags: IMMUTABLE },
  ),
];
