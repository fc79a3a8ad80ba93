import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const VARIANTS = {
  variants: {
    listpack: ["CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64"],
    table: ["CONFIG SET hash-max-listpack-entries 0 hash-max-listpack-value 64"],
  },
};
/** "a" was, "b" will be long, "c" has no time. */
const GONE = [
  "DEBUG SET-ACTIVE-EXPIRE 0",
  "HSETEX h PX 20 FIELDS 1 a 1",
  "HSETEX h EX 100 FIELDS 1 b 22",
  "HSET h c 333",
  "~40",
];

cases("HGET", [
  ["a value", ["HSET h a 1", "HGET h a"], "$1 1"],
  ["no field", ["HSET h a 1", "HGET h b"], "$-1"],
  ["a value is no field", ["HSET h a b", "HGET h b"], "$-1"],
  ["no key", ["HGET h a"], "$-1"],
  ["an integer", ["HSET h a -123456789012", "HGET h a"], "$13 -123456789012"],
  ["an integer as field", ["HSET h 12 x", "HGET h 12"], "$1 x"],
  ["gone", [...GONE, "HGET h a"], "$-1"],
  ["not yet gone", [...GONE, "HGET h b"], "$2 22"],
  ["arity", ["HGET h"], "-ERR wrong number of arguments for 'hget' command"],
  ["wrong type", ["SET h x", "HGET h a"], WRONG_TYPE],
], VARIANTS);

cases("HMGET", [
  ["values", ["HSET h a 1 b 2", "HMGET h b x a b"], "*4 $1 2 $-1 $1 1 $1 2"],
  ["no key", ["HMGET h a b"], "*2 $-1 $-1"],
  ["gone", [...GONE, "HMGET h a b c"], "*3 $-1 $2 22 $3 333"],
  ["arity", ["HMGET h"], "-ERR wrong number of arguments for 'hmget' command"],
  ["wrong type", ["SET h x", "HMGET h a"], WRONG_TYPE],
], VARIANTS);

cases("HEXISTS, HSTRLEN, HLEN", [
  ["there", ["HSET h a 1", "HEXISTS h a"], ":1"],
  ["not there", ["HSET h a 1", "HEXISTS h 1"], ":0"],
  ["no key", ["HEXISTS h a"], ":0"],
  ["gone", [...GONE, "HEXISTS h a"], ":0"],
  ["EXISTS of a wrong type", ["SET h x", "HEXISTS h a"], WRONG_TYPE],
  ["length of a value", ["HSET h a hello", "HSTRLEN h a"], ":5"],
  ["length of an integer", ["HSET h a -12345", "HSTRLEN h a"], ":6"],
  ["length of nothing", ["HSET h a hello", "HSTRLEN h b"], ":0"],
  ["length without a key", ["HSTRLEN h b"], ":0"],
  ["length of what is gone", [...GONE, "HSTRLEN h a"], ":0"],
  ["length of a wrong type", ["SET h x", "HSTRLEN h a"], WRONG_TYPE],
  ["number of fields", ["HSET h a 1 b 2", "HLEN h"], ":2"],
  ["number without a key", ["HLEN h"], ":0"],
  ["those that are gone count", [...GONE, "HLEN h"], ":3"],
  ["number of a wrong type", ["SET h x", "HLEN h"], WRONG_TYPE],
], VARIANTS);
