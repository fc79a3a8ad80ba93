// directives_network.ts: where the server listens and how it treats connections.

import {
  accepted,
  bool,
  BUILT,
  DEBUG,
  type Directive,
  HIDDEN,
  IMMUTABLE,
  INT_MAX,
  KIB,
  MIB,
  MULTI_ARG,
  number,
  optionalText,
  pending,
  PORT_MAX,
  special,
  UINT_MAX,
} from "./directive.ts";

const ONE_THREAD = accepted("one thread serves all clients, so there is nothing to tune");
const NO_RDMA = "No RDMA building support.";
const NO_MPTCP = "MPTCP is not supported on this platform";

export const NETWORK: readonly Directive[] = [
  number("port", 6379n, 0n, PORT_MAX, "tcp-port", BUILT),
  special("bind", "* -::*", BUILT, { flags: MULTI_ARG }),
  optionalText("unixsocket", BUILT, { flags: IMMUTABLE }),
  number("unixsocketperm", 0n, 0n, 0o777n, "octal-mode", BUILT, {
    flags: IMMUTABLE,
    unsigned: true,
    format: "octal",
  }),
  optionalText("unixsocketgroup", BUILT, { flags: IMMUTABLE }),
  bool("protected-mode", "yes", BUILT),
  number("timeout", 0n, 0n, INT_MAX, "seconds", BUILT),
  number("maxclients", 10000n, 1n, UINT_MAX, "count", BUILT, { unsigned: true }),
  number(
    "tcp-keepalive",
    300n,
    0n,
    INT_MAX,
    "seconds",
    accepted("on Deno it is on or off, with the times of the operating system"),
  ),
  number(
    "tcp-backlog",
    511n,
    0n,
    INT_MAX,
    "count",
    accepted("the runtime chooses the length of the accept queue"),
    { flags: IMMUTABLE },
  ),
  number(
    "max-new-connections-per-cycle",
    10n,
    1n,
    1000n,
    "count",
    accepted("connections are accepted as they come"),
    { unsigned: true },
  ),
  number(
    "max-new-tls-connections-per-cycle",
    1n,
    1n,
    1000n,
    "count",
    accepted("connections are accepted as they come"),
    { unsigned: true },
  ),
  optionalText("bind-source-addr", accepted("there are no outgoing connections yet")),
  number(
    "socket-mark-id",
    0n,
    0n,
    UINT_MAX,
    "id",
    pending("Sockets cannot be marked by this server"),
    { flags: IMMUTABLE, unsigned: true },
  ),
  bool("mptcp", "no", pending(NO_MPTCP), { flags: IMMUTABLE }),
  number("io-threads", 1n, 1n, 256n, "count", ONE_THREAD, { flags: DEBUG }),
  bool("io-threads-always-active", "no", ONE_THREAD, { flags: HIDDEN }),
  number("prefetch-batch-max-size", 16n, 0n, 128n, "count", ONE_THREAD),
  number("min-io-threads-avoid-copy-reply", 7n, 0n, INT_MAX, "count", ONE_THREAD, {
    flags: HIDDEN,
  }),
  number("min-string-size-avoid-copy-reply", 16n * KIB, 0n, INT_MAX, "bytes", ONE_THREAD, {
    flags: HIDDEN,
  }),
  number("min-string-size-avoid-copy-reply-threaded", 64n * KIB, 0n, INT_MAX, "bytes", ONE_THREAD, {
    flags: HIDDEN,
  }),
  number("rdma-port", 0n, 0n, PORT_MAX, "tcp-port", pending(NO_RDMA)),
  special("rdma-bind", "", pending(NO_RDMA), { flags: MULTI_ARG }),
  number("rdma-rx-size", MIB, 64n * KIB, 16n * MIB, "bytes", accepted("there is no RDMA"), {
    flags: IMMUTABLE,
  }),
  number("rdma-completion-vector", -1n, -1n, 1024n, "id", accepted("there is no RDMA"), {
    flags: IMMUTABLE,
  }),
];
