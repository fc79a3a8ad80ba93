import { cases } from "../../../kit/cases.ts";

const NOTHING = "0".repeat(40);

/** Values of all types under one letter each, with what is known of their signatures. */
const LIST = "7736d67ea0f4464c2ae9cbe1f5e7598c4395e6d3";
const SET = "71ad4a46f9f68ee54a39259abb02ae75970b6b02";
const ZSET = "eaa2018a98135e8c3020a5ca2e722297e7183bfc";
const HASH = "8530acc75d5274eb0fc0da86f28ed5533274a6d4";
const STREAM = "0cc6adf8be8fce42658d544ed0576e0f9e858a9e";
const TIMED_HASH = "6c8f22b3bf510fdcfd6122dd0f908a80e88243bf";
const TIMED_STRING = "311b17018163335616e089f6b951c82c477335ac";
const ALL = "3a62a9ee3f669cf113bb36f96cb70f551904965b";

const MAKE: Readonly<Record<string, readonly string[]>> = {
  l: ['RPUSH l a 1 ""'],
  s: ["SADD s b a 5"],
  z: ["ZADD z 1.5 a -inf b 1e20 c 0 d 3 17"],
  h: ["HSET h f v g 12"],
  x: ["XADD x 1-1 f v g w", "XADD x 2-5 f 7"],
  e: ["HSET e a 1 b 2", "HPEXPIREAT e 9000000000000 FIELDS 1 a"],
  t: ["SET t v PXAT 9000000000000"],
};

/** Limits under which everything is kept in tables, trees and nodes of few elements. */
const LARGE = [
  "CONFIG SET hash-max-listpack-entries 1",
  "CONFIG SET set-max-listpack-entries 1",
  "CONFIG SET set-max-intset-entries 1",
  "CONFIG SET zset-max-listpack-entries 1",
  "CONFIG SET list-max-listpack-size 1",
  "CONFIG SET stream-node-max-entries 1",
];
const USUAL = [
  "CONFIG SET hash-max-listpack-entries 512",
  "CONFIG SET set-max-listpack-entries 128",
  "CONFIG SET set-max-intset-entries 512",
  "CONFIG SET zset-max-listpack-entries 128",
  "CONFIG SET list-max-listpack-size -2",
  "CONFIG SET stream-node-max-entries 100",
];

cases("DEBUG DIGEST of all types", [
  ["list", [...MAKE.l, "DEBUG DIGEST-VALUE l"], `*1 +${LIST}`],
  ["the order of a list matters", ['RPUSH l 1 a ""', "DEBUG DIGEST-VALUE l"], /^(?!.*7736d67e)/],
  ["set", [...MAKE.s, "DEBUG DIGEST-VALUE s"], `*1 +${SET}`],
  ["that of a set does not", ["SADD s 5 b a", "DEBUG DIGEST-VALUE s"], `*1 +${SET}`],
  ["sorted set", [...MAKE.z, "DEBUG DIGEST-VALUE z"], `*1 +${ZSET}`],
  ["hash", [...MAKE.h, "DEBUG DIGEST-VALUE h"], `*1 +${HASH}`],
  ["stream", [...MAKE.x, "DEBUG DIGEST-VALUE x"], `*1 +${STREAM}`],
  ["deleted entries do not count", [
    ...MAKE.x,
    "XADD x 3-0 f v",
    "XDEL x 3-0",
    "DEBUG DIGEST-VALUE x",
  ], `*1 +${STREAM}`],
  ["times of fields do not count", [...MAKE.e, "DEBUG DIGEST-VALUE e"], `*1 +${TIMED_HASH}`],
  ["that of a key does", [...MAKE.t, "DEBUG DIGEST-VALUE t"], `*1 +${TIMED_STRING}`],
  [
    "several",
    [...MAKE.h, ...MAKE.s, "DEBUG DIGEST-VALUE h no s"],
    `*3 +${HASH} +${NOTHING} +${SET}`,
  ],
  ["everything", [...Object.values(MAKE).flat(), "DEBUG DIGEST"], `+${ALL}`],
], { variants: { usual: USUAL, large: LARGE, "usual again": USUAL } });
