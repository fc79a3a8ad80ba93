import { cases } from "../../../kit/cases.ts";

const INTEGER = "-ERR value is not an integer or out of range";
const NX_AND = "-ERR NX and XX, GT or LT options at the same time are not compatible";
const GT_LT = "-ERR GT and LT options at the same time are not compatible";
/** Too far to pass while a test runs. */
const FAR_S = "33177117420";
const FAR_MS = "33177117420001";

/** What the four commands have in common; `soon` and `later` are times in the command's unit. */
function common(name: string, soon: string, later: string): void {
  const lower = name.toLowerCase();
  cases(name, [
    ["an absent key", [`${name} a ${soon}`], ":0"],
    ["a key", ["SET a 1", `${name} a ${soon}`], ":1"],
    ["the value stays", ["SET a 1", `${name} a ${soon}`, "GET a"], "$1 1"],
    ["a long value stays", ["SETRANGE a 99 x", `${name} a ${soon}`, "STRLEN a"], ":100"],
    ["an embedded value stays embedded", [
      "SET a hello",
      `${name} a ${soon}`,
      "OBJECT ENCODING a",
    ], "$6 embstr"],
    ["0 deletes", ["SET a 1", `${name} a 0`, "EXISTS a"], ":0"],
    ["0 answers 1", ["SET a 1", `${name} a 0`], ":1"],
    ["a negative time deletes", ["SET a 1", `${name} a -1`, "EXISTS a"], ":0"],
    ["the past unless the condition says no", ["SET a 1", `${name} a 0 XX`, "GET a"], "$1 1"],
    ["text", ["SET a 1", `${name} a x`], INTEGER],
    ["a fraction", [`${name} a 1.5`], INTEGER],
    ["text, absent key", [`${name} a x`], INTEGER],
    ["beyond 64 bits", [`${name} a 9223372036854775808`], INTEGER],
    ["NX without a time", ["SET a 1", `${name} a ${soon} NX`], ":1"],
    ["NX with a time", ["SET a 1", `${name} a ${soon}`, `${name} a ${later} NX`], ":0"],
    ["XX without a time", ["SET a 1", `${name} a ${soon} XX`], ":0"],
    ["XX with a time", ["SET a 1", `${name} a ${soon}`, `${name} a ${later} XX`], ":1"],
    ["GT without a time", ["SET a 1", `${name} a ${soon} GT`], ":0"],
    ["GT later", ["SET a 1", `${name} a ${soon}`, `${name} a ${later} GT`], ":1"],
    ["GT sooner", ["SET a 1", `${name} a ${later}`, `${name} a ${soon} GT`], ":0"],
    ["LT without a time", ["SET a 1", `${name} a ${soon} LT`], ":1"],
    ["LT sooner", ["SET a 1", `${name} a ${later}`, `${name} a ${soon} LT`], ":1"],
    ["LT later", ["SET a 1", `${name} a ${soon}`, `${name} a ${later} LT`], ":0"],
    ["XX GT", ["SET a 1", `${name} a ${soon}`, `${name} a ${later} XX GT`], ":1"],
    ["XX LT without a time", ["SET a 1", `${name} a ${soon} XX LT`], ":0"],
    ["lower case, twice", ["SET a 1", `${name} a ${soon} nx Nx`], ":1"],
    ["NX and XX", [`${name} a ${soon} NX XX`], NX_AND],
    ["NX and GT", [`${name} a ${soon} GT NX`], NX_AND],
    ["NX and LT", [`${name} a ${soon} NX LT`], NX_AND],
    ["NX, GT and LT", [`${name} a ${soon} NX GT LT`], NX_AND],
    ["GT and LT", [`${name} a ${soon} GT LT`], GT_LT],
    ["an unknown word", [`${name} a ${soon} AB`], "-ERR Unsupported option AB"],
    ["an unknown word comes before the integer", [`${name} a x AB`], "-ERR Unsupported option AB"],
    ["the conditions come before the integer", [`${name} a x NX XX`], NX_AND],
    ["a watched key", ["SET a 1", "WATCH a", `@2 ${name} a ${soon}`, "MULTI", "EXEC"], "*-1"],
    ["a watched key that is spared", [
      "SET a 1",
      "WATCH a",
      `@2 ${name} a ${soon} XX`,
      "MULTI",
      "EXEC",
    ], "*0"],
    ["too few arguments", [`${name} a`], `-ERR wrong number of arguments for '${lower}' command`],
  ]);
}

common("EXPIRE", "100", "200");
common("PEXPIRE", "100000", "200000");
common("EXPIREAT", FAR_S, "33177117520");
common("PEXPIREAT", FAR_MS, "33177117520001");

cases("EXPIRE, the time", [
  ["in seconds", ["SET a 1", "EXPIRE a 100", "TTL a"], ":100"],
  ["passes", ["SET a 1", "EXPIRE a 1", "~1100", "EXISTS a"], ":0"],
  ["replaces another", ["SET a 1 EX 100", "EXPIRE a 200", "TTL a"], ":200"],
  ["the largest", ["SET a 1", "EXPIRE a 9223370000000000"], ":1"],
  [
    "too large",
    ["SET a 1", "EXPIRE a 9223372036854775807"],
    "-ERR invalid expire time in 'expire' command",
  ],
  [
    "too large, absent key",
    ["EXPIRE a 9223372036854776"],
    "-ERR invalid expire time in 'expire' command",
  ],
  [
    "too small",
    ["SET a 1", "EXPIRE a -9223372036854775808"],
    "-ERR invalid expire time in 'expire' command",
  ],
]);

cases("PEXPIRE, the time", [
  ["in milliseconds", ["SET a 1", "PEXPIRE a 100000", "TTL a"], ":100"],
  ["passes", ["SET a 1", "PEXPIRE a 50", "~80", "GET a"], "$-1"],
  [
    "too large",
    ["SET a 1", "PEXPIRE a 9223372036854775807"],
    "-ERR invalid expire time in 'pexpire' command",
  ],
  ["very negative", ["SET a 1", "PEXPIRE a -9223372036854775808", "EXISTS a"], ":0"],
]);

cases("EXPIREAT, the time", [
  ["in seconds", ["SET a 1", `EXPIREAT a ${FAR_S}`, "EXPIRETIME a"], `:${FAR_S}`],
  ["long past", ["SET a 1", "EXPIREAT a 1", "EXISTS a"], ":0"],
  [
    "too large",
    ["SET a 1", "EXPIREAT a 9223372036854776"],
    "-ERR invalid expire time in 'expireat' command",
  ],
]);

cases("PEXPIREAT, the time", [
  ["in milliseconds", ["SET a 1", `PEXPIREAT a ${FAR_MS}`, "PEXPIRETIME a"], `:${FAR_MS}`],
  ["exact over all 64 bits", [
    "SET a 1",
    "PEXPIREAT a 9223372036854775807",
    "PEXPIRETIME a",
  ], ":9223372036854775807"],
  ["compared exactly", [
    "SET a 1",
    "PEXPIREAT a 9223372036854775806",
    "PEXPIREAT a 9223372036854775807 GT",
  ], ":1"],
  ["long past", ["SET a 1", "PEXPIREAT a 1", "EXISTS a"], ":0"],
]);
