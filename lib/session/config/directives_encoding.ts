// directives_encoding.ts: up to which size values keep their compact form.

import {
  accepted,
  BUILT,
  DEBUG,
  type Directive,
  INT_MAX,
  INT_MIN,
  KIB,
  LONG_MAX,
  memory,
  number,
} from "./directive.ts";

export const ENCODING: readonly Directive[] = [
  number("hash-max-listpack-entries", 512n, 0n, LONG_MAX, "count", BUILT, {
    aliases: ["hash-max-ziplist-entries"],
    unsigned: true,
  }),
  memory("hash-max-listpack-value", 64n, 0n, LONG_MAX, BUILT, {
    aliases: ["hash-max-ziplist-value"],
    unsigned: true,
  }),
  number("list-max-listpack-size", -2n, INT_MIN, INT_MAX, "entries-or-size-class", BUILT, {
    aliases: ["list-max-ziplist-size"],
  }),
  number("list-compress-depth", 0n, 0n, INT_MAX, "count", accepted("lists are never compressed"), {
    flags: DEBUG,
  }),
  number("set-max-intset-entries", 512n, 0n, LONG_MAX, "count", BUILT, { unsigned: true }),
  number("set-max-listpack-entries", 128n, 0n, LONG_MAX, "count", BUILT, { unsigned: true }),
  number("set-max-listpack-value", 64n, 0n, LONG_MAX, "bytes", BUILT, { unsigned: true }),
  number("zset-max-listpack-entries", 128n, 0n, LONG_MAX, "count", BUILT, {
    aliases: ["zset-max-ziplist-entries"],
    unsigned: true,
  }),
  memory("zset-max-listpack-value", 64n, 0n, LONG_MAX, BUILT, {
    aliases: ["zset-max-ziplist-value"],
    unsigned: true,
  }),
  memory("hll-sparse-max-bytes", 3000n, 0n, LONG_MAX, BUILT, { unsigned: true }),
  memory("stream-node-max-bytes", 4n * KIB, 0n, LONG_MAX, BUILT, { unsigned: true }),
  number("stream-node-max-entries", 100n, 0n, LONG_MAX, "count", BUILT),
];
