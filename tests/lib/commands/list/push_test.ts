import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";

for (const side of ["L", "R"]) {
  const name = `${side}PUSH`;
  const two = side === "L" ? "*2 $1 b $1 a" : "*2 $1 a $1 b";
  cases(name, [
    ["makes a list", [`${name} l a`], ":1"],
    ["several", [`${name} l a b`, "LRANGE l 0 -1"], two],
    ["counts", ["RPUSH l a", `${name} l b c`], ":3"],
    ["of type list", [`${name} l a`, "TYPE l"], "+list"],
    ["integers", [`${name} l 1 -1 9223372036854775807`, "OBJECT ENCODING l"], "$8 listpack"],
    ["an empty element", [`${name} l ''`, "LINDEX l 0"], "$0 "],
    ["wrong type", ["SET s x", `${name} s a`], WRONG_TYPE],
    [
      "no element",
      [`${name} l`],
      `-ERR wrong number of arguments for '${name.toLowerCase()}' command`,
    ],
    ["an expired key", ["RPUSH l a", "PEXPIRE l 20", "~50", `${name} l b`], ":1"],
    ["a watched key", ["WATCH l", `@2 ${name} l a`, "MULTI", "PING", "EXEC"], "*-1"],
  ]);
  cases(side === "L" ? "LPUSHX" : "RPUSHX", [
    ["an absent key", [`${name}X l a`], ":0"],
    ["makes nothing", [`${name}X l a`, "EXISTS l"], ":0"],
    ["a list", ["RPUSH l a", `${name}X l b`, "LRANGE l 0 -1"], two],
    ["several", ["RPUSH l a", `${name}X l b c`], ":3"],
    ["wrong type", ["SET s x", `${name}X s a`], WRONG_TYPE],
  ]);
}

const TEN =
  "aaaaaaaaa0 aaaaaaaaa1 aaaaaaaaa2 aaaaaaaaa3 aaaaaaaaa4 aaaaaaaaa5 aaaaaaaaa6 aaaaaaaaa7";
const ENCODING = "OBJECT ENCODING l";
const LIMIT = "CONFIG SET list-max-listpack-size";
const DEFAULT = `${LIMIT} -2`;

cases("encodings of lists", [
  ["a short list", ["RPUSH l a", ENCODING], "$8 listpack"],
  ["entries at the limit", [`${LIMIT} 3`, "RPUSH l a b c", ENCODING], "$8 listpack"],
  ["entries beyond it", [`${LIMIT} 3`, "RPUSH l a b c d", ENCODING], "$9 quicklist"],
  ["one by one", [`${LIMIT} 2`, "RPUSH l a", "RPUSH l b", "LPUSH l c", ENCODING], "$9 quicklist"],
  ["a limit of 0 is 1", [`${LIMIT} 0`, "RPUSH l a", ENCODING], "$8 listpack"],
  ["two with a limit of 0", [`${LIMIT} 0`, "RPUSH l a b", ENCODING], "$9 quicklist"],
  [
    "stays long while more than half is left",
    [`${LIMIT} 4`, "RPUSH l a b c d e", "RPOP l", "RPOP l", ENCODING],
    "$9 quicklist",
  ],
  [
    "short again at half",
    [`${LIMIT} 4`, "RPUSH l a b c d e", "LTRIM l 0 1", ENCODING],
    "$8 listpack",
  ],
  [
    "two nodes are never short",
    [`${LIMIT} 4`, "RPUSH l a b c d e", "LTRIM l 3 4", ENCODING],
    "$9 quicklist",
  ],
  ["bytes", [DEFAULT, `RPUSH l ${TEN}`, ENCODING], "$8 listpack"],
  [
    "a node of its own",
    ["DEBUG QUICKLIST-PACKED-THRESHOLD 5b", `${LIMIT} 2`, "RPUSH l a b 123456", ENCODING],
    "$9 quicklist",
  ],
  [
    "nodes",
    ["DEBUG QUICKLIST-PACKED-THRESHOLD 0", `${LIMIT} 2`, "RPUSH l a b c d e", "DEBUG OBJECT l"],
    / encoding:quicklist .* ql_nodes:3 ql_avg_node:1.67 ql_listpack_max:2 ql_compressed:0 /,
  ],
  ["back to the defaults", [DEFAULT, "DEBUG QUICKLIST-PACKED-THRESHOLD 0"], "+OK"],
]);
