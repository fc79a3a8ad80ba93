import { cases } from "../../../kit/cases.ts";

for (const name of ["DEL", "UNLINK"]) {
  cases(name, [
    ["one key", ["SET a 1", `${name} a`], ":1"],
    ["is gone", ["SET a 1", `${name} a`, "GET a"], "$-1"],
    ["no key", [`${name} a`], ":0"],
    ["counts those that exist", ["MSET a 1 b 2", `${name} a nothing b`], ":2"],
    ["counts a key once", ["SET a 1", `${name} a a a`], ":1"],
    ["only in its database", ["SET a 1", "SELECT 1", `${name} a`], ":0"],
    ["expired keys do not count", ["SET a 1 PX 10", "~20", `${name} a`], ":0"],
    ["keys with a time to live", ["SET a 1 EX 10", `${name} a`], ":1"],
    ["the time goes, too", ["SET a 1 EX 10", `${name} a`, "SET a 2", "TTL a"], ":-1"],
    ["large values", [`SET a ${"x".repeat(20_000)}`, `${name} a`], ":1"],
    ["the empty key", ['SET "" x', `${name} ""`], ":1"],
    ["marks watched keys", ["SET a 1", "WATCH a", `@2 ${name} a`, "MULTI", "PING", "EXEC"], "*-1"],
    [
      "an absent key marks nobody",
      ["WATCH a", `@2 ${name} a`, "MULTI", "PING", "EXEC"],
      "*1 +PONG",
    ],
    [
      "needs a key",
      [name],
      `-ERR wrong number of arguments for '${name.toLowerCase()}' command`,
    ],
  ]);
}
