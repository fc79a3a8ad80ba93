import { cases } from "../../../kit/cases.ts";

const variants = {
  listpack: ["CONFIG SET zset-max-listpack-entries 128"],
  skiplist: ["CONFIG SET zset-max-listpack-entries 0"],
};
const Z = "ZADD z 1 a 2 b 2 c 3.5 d";
const WRONG = /^-WRONGTYPE/;

cases("ZREM", [
  ["one", [Z, "ZREM z b"], ":1"],
  ["leaves the others", [Z, "ZREM z b", "ZRANGE z 0 -1"], "*3 $1 a $1 c $1 d"],
  ["several, some absent, some twice", [Z, "ZREM z a x d a"], ":2"],
  ["all", [Z, "ZREM z a b c d e", "EXISTS z"], ":0"],
  ["no such member", [Z, "ZREM z x"], ":0"],
  ["no key", ["ZREM z x"], ":0"],
  ["arity", ["ZREM z"], "-ERR wrong number of arguments for 'zrem' command"],
  ["wrong type", ["SET z x", "ZREM z x"], WRONG],
], { variants });

cases("ZREMRANGEBYRANK", [
  ["some", [Z, "ZREMRANGEBYRANK z 1 2", "ZRANGE z 0 -1"], "*2 $1 a $1 d"],
  ["counts", [Z, "ZREMRANGEBYRANK z 0 1"], ":2"],
  ["from the end", [Z, "ZREMRANGEBYRANK z -2 -1", "ZRANGE z 0 -1"], "*2 $1 a $1 b"],
  ["beyond both ends", [Z, "ZREMRANGEBYRANK z -100 100"], ":4"],
  ["the key goes", [Z, "ZREMRANGEBYRANK z 0 -1", "EXISTS z"], ":0"],
  ["backwards", [Z, "ZREMRANGEBYRANK z 2 1"], ":0"],
  ["beyond the end", [Z, "ZREMRANGEBYRANK z 4 9"], ":0"],
  ["before the start", [Z, "ZREMRANGEBYRANK z -9 -5"], ":0"],
  ["64 bits", [Z, "ZREMRANGEBYRANK z -9223372036854775808 9223372036854775807"], ":4"],
  ["no integer", ["ZREMRANGEBYRANK z 0 1.5"], "-ERR value is not an integer or out of range"],
  ["no key", ["ZREMRANGEBYRANK z 0 1"], ":0"],
  ["wrong type", ["SET z x", "ZREMRANGEBYRANK z 0 1"], WRONG],
], { variants });

cases("ZREMRANGEBYSCORE", [
  ["some", [Z, "ZREMRANGEBYSCORE z 2 2", "ZRANGE z 0 -1"], "*2 $1 a $1 d"],
  ["exclusive", [Z, "ZREMRANGEBYSCORE z (1 (3.5"], ":2"],
  ["all", [Z, "ZREMRANGEBYSCORE z -inf inf", "EXISTS z"], ":0"],
  ["none", [Z, "ZREMRANGEBYSCORE z 2.5 3"], ":0"],
  ["backwards", [Z, "ZREMRANGEBYSCORE z 3 1"], ":0"],
  ["no float", ["ZREMRANGEBYSCORE z a 1"], "-ERR min or max is not a float"],
  ["no key", ["ZREMRANGEBYSCORE z 0 1"], ":0"],
  ["wrong type", ["SET z x", "ZREMRANGEBYSCORE z 0 1"], WRONG],
], { variants });

cases("ZREMRANGEBYLEX", [
  ["some", ["ZADD z 0 a 0 b 0 c", "ZREMRANGEBYLEX z [a (c", "ZRANGE z 0 -1"], "*1 $1 c"],
  ["all", ["ZADD z 0 a 0 b 0 c", "ZREMRANGEBYLEX z - +", "EXISTS z"], ":0"],
  ["none", ["ZADD z 0 a 0 b 0 c", "ZREMRANGEBYLEX z (a (b"], ":0"],
  ["no range", ["ZREMRANGEBYLEX z a b"], "-ERR min or max not valid string range item"],
  ["no key", ["ZREMRANGEBYLEX z - +"], ":0"],
  ["wrong type", ["SET z x", "ZREMRANGEBYLEX z - +"], WRONG],
], { variants });

cases("removing under WATCH", [
  ["marks", [Z, "WATCH z", "@2 ZREM z a", "MULTI", "PING", "EXEC"], "*-1"],
  ["not when nothing goes", [Z, "WATCH z", "@2 ZREM z x", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ["ranges too", [Z, "WATCH z", "@2 ZREMRANGEBYRANK z 0 0", "MULTI", "PING", "EXEC"], "*-1"],
], { variants });

const LISTEN = ["CONFIG SET notify-keyspace-events KA", "@2 SUBSCRIBE __keyspace@0__:z"];

cases("events of removals", [
  ["zrem", [...LISTEN, Z, "ZREM z a", "@2 <"], /\$4 zadd .*\$4 zrem$/],
  ["zrem, then del", [...LISTEN, Z, "ZREM z a b c d", "@2 <"], /\$4 zrem .*\$3 del$/],
  ["zremrangebyrank", [...LISTEN, Z, "ZREMRANGEBYRANK z 0 0", "@2 <"], /\$15 zremrangebyrank$/],
  ["zremrangebyscore", [
    ...LISTEN,
    Z,
    "ZREMRANGEBYSCORE z 0 9",
    "@2 <",
  ], /\$16 zremrangebyscore .*\$3 del$/],
  [
    "zremrangebylex",
    [...LISTEN, "ZADD z 0 a 0 b", "ZREMRANGEBYLEX z - [a", "@2 <"],
    /zremrangebylex$/,
  ],
  ["none when nothing goes", [...LISTEN, Z, "ZREM z x", "@2 <"], /\$4 zadd$/],
], { variants });
