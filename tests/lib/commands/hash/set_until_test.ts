import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const SYNTAX = "-ERR syntax error";
const VARIANTS = {
  variants: {
    listpack: ["CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64"],
    table: ["CONFIG SET hash-max-listpack-entries 0 hash-max-listpack-value 64"],
  },
};
const COUNT = "-ERR numfields should be greater than 0 and match the provided number of fields";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const AT = "33177117420";
const NOTIFY = ["CONFIG SET notify-keyspace-events KEA", "@2 PSUBSCRIBE __keyevent*"];

function event(...names: string[]): { resp2: string; resp3: string } {
  const bodies = names.map((name) => {
    const channel = `__keyevent@0__:${name}`;
    return `4 $8 pmessage $11 __keyevent* $${channel.length} ${channel} $1 h`;
  });
  return {
    resp2: bodies.map((body) => `*${body}`).join(" "),
    resp3: bodies.map((body) => `>${body}`).join(" "),
  };
}

cases("HSETEX", [
  ["without options", ["HSETEX h FIELDS 2 a 1 b 2", "HMGET h a b"], "*2 $1 1 $1 2"],
  ["answers", ["HSETEX h FIELDS 1 a 1"], ":1"],
  ["EX", ["HSETEX h EX 100 FIELDS 1 a 1", "HTTL h FIELDS 1 a"], "*1 :100"],
  ["PX", ["HSETEX h PX 100000 FIELDS 1 a 1", "HTTL h FIELDS 1 a"], "*1 :100"],
  ["EXAT", [`HSETEX h EXAT ${AT} FIELDS 1 a 1`, "HEXPIRETIME h FIELDS 1 a"], `*1 :${AT}`],
  ["PXAT", [`HSETEX h PXAT ${AT}007 FIELDS 1 a 1`, "HPEXPIRETIME h FIELDS 1 a"], `*1 :${AT}007`],
  ["the time goes without an option", [
    "HSETEX h EX 100 FIELDS 1 a 1",
    "HSETEX h FIELDS 1 a 2",
    "HTTL h FIELDS 1 a",
  ], "*1 :-1"],
  ["KEEPTTL", [
    "HSETEX h EX 100 FIELDS 1 a 1",
    "HSETEX h KEEPTTL FIELDS 2 a 2 b 2",
    "HTTL h FIELDS 2 a b",
  ], "*2 :100 :-1"],
  ["KEEPTTL with a longer value", [
    "HSETEX h EX 100 FIELDS 2 a 1 b 1",
    "HSETEX h KEEPTTL FIELDS 1 a 0123456789012345678901234567890123456789",
    "HTTL h FIELDS 2 a b",
  ], "*2 :100 :100"],
  ["KEEPTTL of what is gone", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "~40",
    "HSETEX h KEEPTTL FIELDS 1 a 2",
    "HTTL h FIELDS 1 a",
  ], "*1 :-1"],
  ["NX", ["HSETEX h NX FIELDS 1 a 1"], ":1"],
  ["NX of a key that is there", ["HSET h b 1", "HSETEX h NX FIELDS 1 a 1"], ":0"],
  ["XX", ["HSET h b 1", "HSETEX h XX FIELDS 1 a 1"], ":1"],
  ["XX without a key", ["HSETEX h XX FIELDS 1 a 1", "EXISTS h"], ":0"],
  ["FNX", ["HSET h b 1", "HSETEX h FNX FIELDS 1 a 1"], ":1"],
  ["FNX without a key", ["HSETEX h FNX FIELDS 1 a 1"], ":1"],
  ["FNX: all or none", ["HSET h b 1", "HSETEX h FNX FIELDS 2 a 1 b 2"], ":0"],
  ["FNX left all", ["HSET h b 1", "HSETEX h FNX FIELDS 2 a 1 b 2", "HKEYS h"], "*1 $1 b"],
  ["FXX", ["HSET h a 1", "HSETEX h FXX FIELDS 1 a 2", "HGET h a"], "$1 2"],
  ["FXX: all or none", ["HSET h a 1", "HSETEX h FXX FIELDS 2 a 2 b 2", "HGETALL h"], {
    resp2: "*2 $1 a $1 1",
    resp3: "%1 $1 a $1 1",
  }],
  ["FXX without a key", ["HSETEX h FXX FIELDS 1 a 1", "EXISTS h"], ":0"],
  ["FXX of what is gone", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "~40",
    "HSETEX h FXX FIELDS 1 a 2",
  ], ":0"],
  ["the past deletes", ["HSET h a 1 b 2", "HSETEX h EX 0 FIELDS 1 a 9", "HKEYS h"], "*1 $1 b"],
  ["the past of no key", ["HSETEX h PXAT 1 FIELDS 1 a 9"], ":1"],
  ["leaves none", ["HSETEX h PXAT 1 FIELDS 1 a 9", "EXISTS h"], ":0"],
  ["the past of what is not there", ["HSET h a 1", "HSETEX h EX 0 FIELDS 1 b 9"], ":1"],
  ["options in any order", ["HSETEX h FNX EX 100 NX FIELDS 1 a 1"], ":1"],
  ["lower case", ["HSETEX h ex 100 fields 1 a 1"], ":1"],
  ["a key named fields", ["HSETEX fields 1 a b c d"], COUNT],
  ["NX and XX", ["HSETEX h NX XX FIELDS 1 a 1"], SYNTAX],
  ["FNX and FXX", ["HSETEX h FNX FXX FIELDS 1 a 1"], SYNTAX],
  ["EX and PX", ["HSETEX h EX 1 PX 1 FIELDS 1 a 1"], SYNTAX],
  ["EX and KEEPTTL", ["HSETEX h EX 1 KEEPTTL FIELDS 1 a 1"], SYNTAX],
  ["PERSIST", ["HSETEX h PERSIST FIELDS 1 a 1"], SYNTAX],
  ["GET", ["HSETEX h GET FIELDS 1 a 1"], SYNTAX],
  ["EX without a time", ["HSETEX h EX FIELDS 1 a 1"], SYNTAX],
  ["another word", ["HSETEX h WHAT FIELDS 1 a 1"], SYNTAX],
  ["no word FIELDS", ["HSETEX h EX 10 a 1 b"], COUNT],
  ["no fields", ["HSETEX h FIELDS 0 a 1"], COUNT],
  ["fewer", ["HSETEX h FIELDS 2 a 1"], COUNT],
  ["more", ["HSETEX h FIELDS 1 a 1 b 1"], COUNT],
  ["half a pair", ["HSETEX h FIELDS 2 a 1 b"], COUNT],
  ["no number", ["HSETEX h FIELDS x a 1"], NOT_INTEGER],
  ["no time", ["HSETEX h EX x FIELDS 1 a 1"], NOT_INTEGER],
  ["the number before the time", ["HSETEX h EX x FIELDS 2 a 1"], COUNT],
  ["the key before the time", ["HSETEX h XX EX x FIELDS 1 a 1"], ":0"],
  ["the time before the fields", ["HSET h b 1", "HSETEX h FXX EX x FIELDS 1 a 1"], NOT_INTEGER],
  [
    "a negative time",
    ["HSETEX h PX -1 FIELDS 1 a 1"],
    "-ERR invalid expire time in 'hsetex' command",
  ],
  [
    "too large a time",
    ["HSETEX h EX 9223372036854775807 FIELDS 1 a 1"],
    "-ERR invalid expire time in 'hsetex' command",
  ],
  ["wrong type", ["SET h x", "HSETEX h FIELDS 1 a 1"], WRONG_TYPE],
  ["the type before NX", ["SET h x", "HSETEX h NX FIELDS 1 a 1"], WRONG_TYPE],
  ["arity", ["HSETEX h FIELDS 1 a"], "-ERR wrong number of arguments for 'hsetex' command"],
  [
    "events",
    [...NOTIFY, "HSET h b 1", "@2 <", "HSETEX h EX 100 FIELDS 1 a 1", "@2 <"],
    event("hset", "hexpire"),
  ],
  [
    "event without a time",
    [...NOTIFY, "HSET h b 1", "@2 <", "HSETEX h FIELDS 1 a 1", "@2 <"],
    event("hset"),
  ],
  [
    "events of the past",
    [...NOTIFY, "HSET h a 1", "@2 <", "HSETEX h EX 0 FIELDS 1 a 1", "@2 <"],
    event("hset", "hexpire", "hexpired", "del"),
  ],
  ["events of what was gone", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "~40",
    ...NOTIFY,
    "HSETEX h FIELDS 1 a 2",
    "@2 <",
  ], event("hexpired", "hset")],
], VARIANTS);

cases("HGETEX", [
  ["without options", ["HSET h a 1 b 2", "HGETEX h FIELDS 3 b x a"], "*3 $1 2 $-1 $1 1"],
  ["leaves times alone", [
    "HSETEX h EX 100 FIELDS 1 a 1",
    "HGETEX h FIELDS 1 a",
    "HTTL h FIELDS 1 a",
  ], "*1 :100"],
  ["EX", ["HSET h a 1", "HGETEX h EX 100 FIELDS 1 a", "HTTL h FIELDS 1 a"], "*1 :100"],
  ["PX", ["HSET h a 1", "HGETEX h PX 100000 FIELDS 1 a", "HTTL h FIELDS 1 a"], "*1 :100"],
  [
    "EXAT",
    ["HSET h a 1", `HGETEX h EXAT ${AT} FIELDS 1 a`, "HEXPIRETIME h FIELDS 1 a"],
    `*1 :${AT}`,
  ],
  [
    "PXAT",
    ["HSET h a 1", `HGETEX h PXAT ${AT}005 FIELDS 1 a`, "HPEXPIRETIME h FIELDS 1 a"],
    `*1 :${AT}005`,
  ],
  ["PERSIST", [
    "HSETEX h EX 100 FIELDS 1 a 1",
    "HGETEX h PERSIST FIELDS 1 a",
    "HTTL h FIELDS 1 a",
  ], "*1 :-1"],
  ["the past answers", ["HSET h a 1", "HGETEX h EX 0 FIELDS 2 a a"], "*2 $1 1 $-1"],
  ["and deletes", ["HSET h a 1 b 2", "HGETEX h PXAT 1 FIELDS 1 a", "HKEYS h"], "*1 $1 b"],
  ["even the key", ["HSET h a 1", "HGETEX h PXAT 1 FIELDS 1 a", "EXISTS h"], ":0"],
  ["no key", ["HGETEX h EX 100 FIELDS 2 a b"], "*2 $-1 $-1"],
  ["what is gone", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "~40",
    "HGETEX h EX 100 FIELDS 1 a",
  ], "*1 $-1"],
  ["EX and PERSIST", ["HGETEX h EX 1 PERSIST FIELDS 1 a"], SYNTAX],
  ["KEEPTTL", ["HGETEX h KEEPTTL FIELDS 1 a"], SYNTAX],
  ["NX", ["HGETEX h NX FIELDS 1 a"], SYNTAX],
  ["EX without a time", ["HGETEX h EX FIELDS 1 a"], SYNTAX],
  ["no word FIELDS", ["HGETEX h EX 10 a"], COUNT],
  ["none", ["HGETEX h FIELDS 0 a"], COUNT],
  ["fewer", ["HGETEX h FIELDS 2 a"], COUNT],
  ["more", ["HGETEX h FIELDS 1 a b"], COUNT],
  ["no number", ["HGETEX h FIELDS x a"], NOT_INTEGER],
  ["no time", ["HGETEX h EX x FIELDS 1 a"], NOT_INTEGER],
  ["the type before the time", ["SET h x", "HGETEX h EX x FIELDS 1 a"], WRONG_TYPE],
  [
    "a negative time",
    ["HGETEX h EX -1 FIELDS 1 a"],
    "-ERR invalid expire time in 'hgetex' command",
  ],
  ["wrong type", ["SET h x", "HGETEX h FIELDS 1 a"], WRONG_TYPE],
  ["arity", ["HGETEX h FIELDS 1"], "-ERR wrong number of arguments for 'hgetex' command"],
  [
    "event",
    [...NOTIFY, "HSET h a 1", "@2 <", "HGETEX h EX 100 FIELDS 1 a", "@2 <"],
    event("hexpire"),
  ],
  ["no event", [...NOTIFY, "HSET h a 1", "@2 <", "HGETEX h FIELDS 1 a", "@2 <"], ""],
  [
    "event of PERSIST",
    [...NOTIFY, "HSETEX h EX 100 FIELDS 1 a 1", "@2 <", "HGETEX h PERSIST FIELDS 1 a", "@2 <"],
    event("hpersist"),
  ],
  [
    "events of the past",
    [...NOTIFY, "HSET h a 1", "@2 <", "HGETEX h EX 0 FIELDS 1 a", "@2 <"],
    event("hexpired", "del"),
  ],
], VARIANTS);
