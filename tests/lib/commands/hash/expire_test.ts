import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const DEFAULTS = "CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64";
const VARIANTS = {
  variants: {
    listpack: [DEFAULTS, "DEBUG SET-ACTIVE-EXPIRE 1"],
    table: [
      "CONFIG SET hash-max-listpack-entries 0 hash-max-listpack-value 64",
      "DEBUG SET-ACTIVE-EXPIRE 1",
    ],
  },
};
const COUNT = "-ERR numfields should be greater than 0 and match the provided number of fields";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const AT = "33177117420";
const LATER = "33177117421";
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

cases("HEXPIRE and its kin", [
  ["seconds", ["HSET h a 1", "HEXPIRE h 100 FIELDS 1 a", "HTTL h FIELDS 1 a"], "*1 :100"],
  ["milliseconds", ["HSET h a 1", "HPEXPIRE h 100000 FIELDS 1 a", "HTTL h FIELDS 1 a"], "*1 :100"],
  ["at seconds", [
    "HSET h a 1",
    `HEXPIREAT h ${AT} FIELDS 1 a`,
    "HPEXPIRETIME h FIELDS 1 a",
  ], `*1 :${AT}000`],
  ["at milliseconds", [
    "HSET h a 1",
    `HPEXPIREAT h ${AT}123 FIELDS 1 a`,
    "HPEXPIRETIME h FIELDS 1 a",
  ], `*1 :${AT}123`],
  ["exact at 64 bits", [
    "HSET h a 1",
    "HPEXPIREAT h 9223372036854775807 FIELDS 1 a",
    "HPEXPIRETIME h FIELDS 1 a",
  ], "*1 :9223372036854775807"],
  ["codes", ["HSET h a 1 b 2", `HEXPIREAT h ${AT} FIELDS 3 a x b`], "*3 :1 :-2 :1"],
  ["no key", [`HEXPIREAT h ${AT} FIELDS 2 a b`], "*2 :-2 :-2"],
  ["the past deletes", ["HSET h a 1 b 2", "HEXPIRE h 0 FIELDS 2 a x"], "*2 :2 :-2"],
  ["what the past leaves", ["HSET h a 1 b 2", "HEXPIREAT h 1 FIELDS 1 a", "HKEYS h"], "*1 $1 b"],
  ["the past takes the key along", ["HSET h a 1", "HPEXPIREAT h 1 FIELDS 1 a", "EXISTS h"], ":0"],
  ["a field twice in the past", ["HSET h a 1 b 2", "HEXPIRE h 0 FIELDS 2 a a"], "*2 :2 :-2"],
  ["NX", [
    "HSET h a 1 b 2",
    `HEXPIREAT h ${AT} FIELDS 1 a`,
    `HEXPIREAT h ${LATER} NX FIELDS 2 a b`,
  ], "*2 :0 :1"],
  ["XX", [
    "HSET h a 1 b 2",
    `HEXPIREAT h ${AT} FIELDS 1 a`,
    `HEXPIREAT h ${LATER} XX FIELDS 2 a b`,
  ], "*2 :1 :0"],
  ["GT", [
    "HSET h a 1 b 2",
    `HEXPIREAT h ${AT} FIELDS 1 a`,
    `HEXPIREAT h ${LATER} GT FIELDS 2 a b`,
  ], "*2 :1 :0"],
  ["GT of the same", [
    "HSET h a 1",
    `HEXPIREAT h ${AT} FIELDS 1 a`,
    `HEXPIREAT h ${AT} GT FIELDS 1 a`,
  ], "*1 :0"],
  ["LT", [
    "HSET h a 1 b 2",
    `HEXPIREAT h ${LATER} FIELDS 1 a`,
    `HEXPIREAT h ${AT} LT FIELDS 2 a b`,
  ], "*2 :1 :1"],
  ["LT of a later one", [
    "HSET h a 1",
    `HEXPIREAT h ${AT} FIELDS 1 a`,
    `HEXPIREAT h ${LATER} LT FIELDS 1 a`,
  ], "*1 :0"],
  ["XX in the past without a time", ["HSET h a 1", "HEXPIRE h 0 XX FIELDS 1 a"], "*1 :0"],
  ["two conditions", [
    "HSET h a 1",
    `HEXPIREAT h ${AT} FIELDS 1 a`,
    `HEXPIREAT h ${LATER} XX GT FIELDS 1 a`,
  ], "*1 :1"],
  [
    "NX and XX",
    ["HEXPIRE h 10 NX XX FIELDS 1 a"],
    "-ERR NX and XX, GT or LT options at the same time are not compatible",
  ],
  [
    "NX and GT",
    ["HEXPIRE h 10 NX GT FIELDS 1 a"],
    "-ERR NX and XX, GT or LT options at the same time are not compatible",
  ],
  [
    "GT and LT",
    ["HEXPIRE h 10 GT LT FIELDS 1 a"],
    "-ERR GT and LT options at the same time are not compatible",
  ],
  ["another word", ["HEXPIRE h 10 WHAT FIELDS 1 a"], "-ERR Unsupported option WHAT"],
  ["no word FIELDS", ["HEXPIRE h 10 WHAT 1 a"], COUNT],
  ["FIELDS as the last word", ["HEXPIRE h 10 NX a FIELDS"], COUNT],
  ["no fields", ["HEXPIRE h 10 FIELDS 0 a"], COUNT],
  ["fewer fields", ["HEXPIRE h 10 FIELDS 2 a"], COUNT],
  ["more fields", ["HEXPIRE h 10 FIELDS 1 a b"], COUNT],
  ["a negative number", ["HEXPIRE h 10 FIELDS -1 a"], COUNT],
  ["no number", ["HEXPIRE h 10 FIELDS x a"], NOT_INTEGER],
  ["a field named FIELDS", ["HSET h FIELDS 1", "HEXPIRE h 100 FIELDS 1 FIELDS"], "*1 :1"],
  ["no time", ["HEXPIRE h x FIELDS 1 a"], NOT_INTEGER],
  ["the number before the time", ["HEXPIRE h x FIELDS 2 a"], COUNT],
  ["the time before the type", ["SET h x", "HEXPIRE h x FIELDS 1 a"], NOT_INTEGER],
  [
    "a negative time",
    ["HEXPIRE h -1 FIELDS 1 a"],
    "-ERR invalid expire time in 'hexpire' command",
  ],
  [
    "too many seconds",
    ["HEXPIRE h 9223372036854776 FIELDS 1 a"],
    "-ERR invalid expire time in 'hexpire' command",
  ],
  [
    "too many seconds from now",
    ["HEXPIRE h 9223372036854775 FIELDS 1 a"],
    "-ERR invalid expire time in 'hexpire' command",
  ],
  [
    "too many milliseconds",
    ["HPEXPIRE h 9223372036854775807 FIELDS 1 a"],
    "-ERR invalid expire time in 'hpexpire' command",
  ],
  [
    "at a negative time",
    ["HEXPIREAT h -1 FIELDS 1 a"],
    "-ERR invalid expire time in 'hexpireat' command",
  ],
  [
    "at negative milliseconds",
    ["HPEXPIREAT h -1 FIELDS 1 a"],
    "-ERR invalid expire time in 'hpexpireat' command",
  ],
  ["wrong type", ["SET h x", "HEXPIRE h 10 FIELDS 1 a"], WRONG_TYPE],
  [
    "arity",
    ["HEXPIRE h 10 FIELDS 1"],
    "-ERR wrong number of arguments for 'hexpire' command",
  ],
  ["what is gone is no field", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "~40",
    "HEXPIRE h 10 FIELDS 1 a",
  ], "*1 :-2"],
  ["gone without help", ["HSET h b 1", "HSETEX h PX 20 FIELDS 1 a 1", "~300", "HLEN h"], ":1"],
  ["the last one too", ["HSETEX h PX 20 FIELDS 1 a 1", "~300", "EXISTS h"], ":0"],
  [
    "event",
    [...NOTIFY, "HSET h a 1", "@2 <", "HEXPIRE h 100 FIELDS 1 a", "@2 <"],
    event("hexpire"),
  ],
  ["no event", [...NOTIFY, "HSET h a 1", "@2 <", "HEXPIRE h 100 FIELDS 1 x", "@2 <"], ""],
  ["events of the past", [
    ...NOTIFY,
    "HSET h a 1",
    "@2 <",
    "HEXPIRE h 0 FIELDS 1 a",
    "@2 <",
  ], event("hexpired", "del")],
  ["events of the active expiry", [
    ...NOTIFY,
    "HSET h a 1",
    "HPEXPIRE h 20 FIELDS 1 a",
    "@2 <",
    "~300",
    "@2 <",
  ], event("hexpired", "del")],
  ["a watched key", [
    "HSET h a 1",
    "WATCH h",
    "@2 HEXPIRE h 100 FIELDS 1 a",
    "MULTI",
    "PING",
    "EXEC",
  ], "*-1"],
  ["a watched key of which a field goes", [
    "HSET h a 1",
    "HPEXPIRE h 20 FIELDS 1 a",
    "WATCH h",
    "~300",
    "MULTI",
    "PING",
    "EXEC",
  ], "*-1"],
], VARIANTS);

cases("HPERSIST", [
  ["codes", [
    "HSET h a 1 b 2",
    "HEXPIRE h 100 FIELDS 1 a",
    "HPERSIST h FIELDS 3 a b x",
  ], "*3 :1 :-1 :-2"],
  ["twice", [
    "HSET h a 1",
    "HEXPIRE h 100 FIELDS 1 a",
    "HPERSIST h FIELDS 2 a a",
  ], "*2 :1 :-1"],
  ["no key", ["HPERSIST h FIELDS 1 a"], "*1 :-2"],
  ["keeps the value", [
    "HSET h a 1",
    "HEXPIRE h 100 FIELDS 1 a",
    "HPERSIST h FIELDS 1 a",
    "HGETALL h",
  ], { resp2: "*2 $1 a $1 1", resp3: "%1 $1 a $1 1" }],
  ["a wrong number", ["HPERSIST h FIELDS 2 a"], COUNT],
  ["no number", ["HPERSIST h FIELDS x a"], NOT_INTEGER],
  ["wrong type", ["SET h x", "HPERSIST h FIELDS 1 a"], WRONG_TYPE],
  ["what is gone", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "~40",
    "HPERSIST h FIELDS 1 a",
  ], "*1 :-2"],
], VARIANTS);

cases("times follow the value", [
  ["renamed", [
    `HSETEX g EXAT ${AT} FIELDS 1 a 1`,
    "RENAME g h",
    "HEXPIRETIME h FIELDS 1 a",
  ], `*1 :${AT}`],
  ["copied", [
    `HSETEX g EXAT ${AT} FIELDS 1 a 1`,
    "COPY g h",
    "HDEL g a",
    "HEXPIRETIME h FIELDS 1 a",
  ], `*1 :${AT}`],
  ["moved", [
    `HSETEX h EXAT ${AT} FIELDS 1 a 1`,
    "MOVE h 9",
    "SELECT 9",
    "HEXPIRETIME h FIELDS 1 a",
  ], `*1 :${AT}`],
  ["with a key that has one", [
    `HSETEX h EXAT ${AT} FIELDS 1 a 1`,
    "EXPIRE h 100",
    "PERSIST h",
    "HEXPIRETIME h FIELDS 1 a",
  ], `*1 :${AT}`],
  ["counted by INFO", [
    "HSETEX h EX 100 FIELDS 2 a 1 b 2",
    "HSET g a 1",
    "INFO keyspace",
  ], /db0:keys=2,expires=0,avg_ttl=0,keys_with_volatile_items=1/],
  ["no more", [
    "HSETEX h EX 100 FIELDS 2 a 1 b 2",
    "SET h x",
    "INFO keyspace",
  ], /db0:keys=1,expires=0,avg_ttl=0,keys_with_volatile_items=0/],
  ["nor after HDEL", [
    "HSETEX h EX 100 FIELDS 2 a 1 b 2",
    "HSET h c 1",
    "HDEL h a b",
    "INFO keyspace",
  ], /db0:keys=1,expires=0,avg_ttl=0,keys_with_volatile_items=0/],
], { variants: { "": [DEFAULTS] } });
