import { cases } from "../../../kit/cases.ts";

const NOT_INTEGER = "-ERR value is not an integer or out of range";
const OVERFLOW = "-ERR increment or decrement would overflow";
const MAX = "9223372036854775807";
const MIN = "-9223372036854775808";

cases("INCR and DECR", [
  ["an absent key", ["INCR k"], ":1"],
  ["down from an absent key", ["DECR k"], ":-1"],
  ["again", ["INCR k", "INCR k", "INCR k"], ":3"],
  ["what is stored", ["SET k 41", "INCR k", "GET k"], "$2 42"],
  ["up to 2^31", ["SET k 2147483646", "INCR k"], ":2147483647"],
  ["across 2^31", ["SET k 2147483647", "INCR k"], ":2147483648"],
  ["back across 2^31", ["SET k 2147483648", "DECR k", "INCR k"], ":2147483648"],
  ["across 2^31 at once", ["SET k 2147483647", "INCRBY k 2147483647"], ":4294967294"],
  ["down to zero", ["SET k 1", "DECR k"], ":0"],
  ["down across zero", ["SET k 0", "DECR k"], ":-1"],
  ["down across zero at once", ["SET k 5", "DECRBY k 2147483648"], ":-2147483643"],
  ["up across zero", ["SET k -1", "INCR k"], ":0"],
  ["the sum is kept", ["SET k 9", "INCR k", "GET k"], "$2 10"],
  ["across 2^32", ["SET k 4294967295", "INCR k"], ":4294967296"],
  ["down across 2^32", ["SET k 4294967296", "DECR k"], ":4294967295"],
  ["across 2^53", ["SET k 9007199254740993", "INCR k"], ":9007199254740994"],
  ["across zero", ["SET k -1", "INCR k"], ":0"],
  ["to the largest", ["SET k 9223372036854775806", "INCR k"], `:${MAX}`],
  ["beyond the largest", [`SET k ${MAX}`, "INCR k"], OVERFLOW],
  ["beyond the smallest", [`SET k ${MIN}`, "DECR k"], OVERFLOW],
  ["the value stays after an error", [`SET k ${MAX}`, "INCR k", "GET k"], `$19 ${MAX}`],
  ["text", ["SET k word", "INCR k"], NOT_INTEGER],
  ["blanks", [`SET k " 1"`, "INCR k"], NOT_INTEGER],
  ["a fraction", ["SET k 1.5", "INCR k"], NOT_INTEGER],
  ["empty", [`SET k ""`, "INCR k"], NOT_INTEGER],
  ["beyond 64 bits", ["SET k 9223372036854775808", "INCR k"], NOT_INTEGER],
  ["keeps the expiry", ["SET k 1 EX 100", "INCR k", "TTL k"], ":100"],
  ["text that became a number", ["SET k 1", "APPEND k 0", "INCR k"], ":11"],
  ["is an integer again", ["SET k 1", "APPEND k 0", "INCR k", "OBJECT ENCODING k"], "$3 int"],
  ["text with an expiry", ["SETEX k 100 1", "APPEND k 0", "INCR k", "TTL k"], ":100"],
  ["an expired counter", ["SET k 5 PX 50", "~80", "INCR k"], ":1"],
  ["marks watched keys", ["WATCH k", "@2 INCR k", "MULTI", "PING", "EXEC"], "*-1"],
  [
    "not after an error",
    ["SET k x", "WATCH k", "@2 INCR k", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
]);

cases("INCRBY and DECRBY", [
  ["up", ["SET k 10", "INCRBY k 5"], ":15"],
  ["up by a negative number", ["SET k 10", "INCRBY k -15"], ":-5"],
  ["down", ["SET k 10", "DECRBY k 15"], ":-5"],
  ["down by a negative number", ["SET k 10", "DECRBY k -5"], ":15"],
  ["down by 2^32", ["SET k 1", "DECRBY k 4294967296"], ":-4294967295"],
  ["down by -2^32", ["SET k 1", "DECRBY k -4294967296"], ":4294967297"],
  ["down by 2^31", ["DECRBY k 2147483648"], ":-2147483648"],
  ["from end to end", [`SET k ${MIN}`, `INCRBY k ${MAX}`], ":-1"],
  ["to the smallest", ["SET k -1", `DECRBY k ${MAX}`], `:${MIN}`],
  ["by the smallest", [`INCRBY k ${MIN}`], `:${MIN}`],
  ["overflow", ["SET k 1", `INCRBY k ${MAX}`], OVERFLOW],
  ["underflow", ["SET k -1", `INCRBY k ${MIN}`], OVERFLOW],
  ["down by the smallest", [`DECRBY k ${MIN}`], "-ERR decrement would overflow"],
  ["no number", ["INCRBY k x"], NOT_INTEGER],
  ["no number down", ["DECRBY k 1.0"], NOT_INTEGER],
  ["beyond 64 bits", ["INCRBY k 9223372036854775808"], NOT_INTEGER],
  ["makes no key after an error", ["INCRBY k x", "EXISTS k"], ":0"],
  ["by zero", ["SET k 5", "INCRBY k 0"], ":5"],
]);
