import { cases } from "../../../kit/cases.ts";

for (const name of ["DEL", "UNLINK"]) {
  cases(name, [
    ["an absent key", [`${name} a`], ":0"],
    ["keys that exist are counted", ["MSET a 1 b 2", `${name} a b c`], ":2"],
    ["a key named twice counts once", ["SET a 1", `${name} a a`], ":1"],
    ["the key is gone", ["SET a 1", `${name} a`, "EXISTS a"], ":0"],
    ["others stay", ["MSET a 1 b 2", `${name} a`, "GET b"], "$1 2"],
    ["an expired key does not count", ["SET a 1 PX 50", "~80", `${name} a`], ":0"],
    ["a volatile key", ["SET a 1 EX 100", `${name} a`, "SET a 2", "TTL a"], ":-1"],
    ["a long value", ["SETRANGE a 99999 x", `${name} a`, "DBSIZE"], ":0"],
    ["an empty key", ['SET "" 1', `${name} ""`], ":1"],
    ["bytes that are no text", ['SET "\\x00\\xff" 1', `${name} "\\x00\\xff"`], ":1"],
    ["only in this database", ["SET a 1", "SELECT 1", `${name} a`], ":0"],
    ["a watched key changes", ["SET a 1", "WATCH a", `@2 ${name} a`, "MULTI", "EXEC"], "*-1"],
    ["an absent watched key does not", ["WATCH a", `@2 ${name} a`, "MULTI", "EXEC"], "*0"],
    [
      "no key",
      [name],
      `-ERR wrong number of arguments for '${name.toLowerCase()}' command`,
    ],
  ]);
}
