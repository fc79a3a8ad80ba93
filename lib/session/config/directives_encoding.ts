// directives_encoding.ts: up to which size values keep their compact form.

import {
  accepted,
  DEBUG,
  type Directive,
  INT_MAX,
  INT_MIN,
  KIB,
  LONG_MAX,
  memory,
  number,
} from "./directive.ts";

const LATER = accepted("the data type is not built yet");

export const ENCODING: readonly Directive[] = [
  number("hash-max-listpack-entries", 512n, 0n, LONG_MAX, "count", LATER, {
    aliases: ["hash-max-ziplist-entries"],
    unsigned: true,
  }),
  memory("hash-max-listpack-value", 64n, 0n, LONG_MAX, LATER, {
    aliases: ["hash-max-ziplist-value"],
    unsigned: true,
  }),
  number("list-max-listpack-size", -2n, INT_MIN, INT_MAX, "entries-or-size-class", LATER, {
    aliases: ["list-max-ziplist-size"],
  }),
  number("list-compress-depth", 0n, 0n, INT_MAX, "count", LATER, { flags: DEBUG }),
  number("set-max-intset-entries", 512n, 0n, LONG_MAX, "count", LATER, { unsigned: true }),
  number("set-max-listpack-entries", 128n, 0n, LONG_MAX, "count", LATER, { unsigned: true }),
  number("set-max-listpack-value", 64n, 0n, LONG_MAX, "bytes", LATER, { unsigned: true }),
  number("zset-max-listpack-entries", 128n, 0n, LONG_MAX, "count", LATER, {
    aliases: ["zset-max-ziplist-entries"],
    unsigned: true,
  }),
  memory("zset-max-listpack-value", 64n, 0n, LONG_MAX, LATER, {
    aliases: ["zset-max-ziplist-value"],
    unsigned: true,
  }),
  memory("hll-sparse-max-bytes", 3000n, 0n, LONG_MAX, LATER, { unsigned: true }),
  memory("stream-node-max-bytes", 4n * KIB, 0n, LONG_MAX, LATER, { unsigned: true }),
  number("stream-node-max-entries", 100n, 0n, LONG_MAX, "count", LATER),
];
