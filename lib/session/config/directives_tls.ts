// directives_tls.ts: encrypted connections.

import {
  bool,
  type Directive,
  INT_MAX,
  KIB,
  number,
  oneOf,
  optionalText,
  pending,
  PORT_MAX,
  SENSITIVE,
  VOLATILE,
} from "./directive.ts";

const LATER = pending("TLS is not built yet");

export const TLS: readonly Directive[] = [
  number("tls-port", 0n, 0n, PORT_MAX, "tcp-port", LATER),
  oneOf("tls-auth-clients", ["no", "yes", "optional"], "yes", LATER),
  oneOf("tls-auth-clients-user", ["CN", "URI", "off"], "off", LATER),
  number("tls-auto-reload-interval", 0n, 0n, INT_MAX, "seconds", LATER),
  optionalText("tls-ca-cert-dir", LATER, { flags: VOLATILE }),
  optionalText("tls-ca-cert-file", LATER, { flags: VOLATILE }),
  optionalText("tls-cert-file", LATER, { flags: VOLATILE }),
  optionalText("tls-ciphers", LATER),
  optionalText("tls-ciphersuites", LATER),
  optionalText("tls-client-cert-file", LATER, { flags: VOLATILE }),
  optionalText("tls-client-key-file", LATER, { flags: VOLATILE }),
  optionalText("tls-client-key-file-pass", LATER, { flags: SENSITIVE }),
  bool("tls-cluster", "no", LATER),
  optionalText("tls-dh-params-file", LATER, { flags: VOLATILE }),
  optionalText("tls-key-file", LATER, { flags: VOLATILE }),
  optionalText("tls-key-file-pass", LATER, { flags: SENSITIVE }),
  bool("tls-prefer-server-ciphers", "no", LATER),
  optionalText("tls-protocols", LATER),
  bool("tls-replication", "no", LATER),
  number("tls-session-cache-size", 20n * KIB, 0n, INT_MAX, "count", LATER),
  number("tls-session-cache-timeout", 300n, 0n, INT_MAX, "seconds", LATER),
  bool("tls-session-caching", "yes", LATER),
];
