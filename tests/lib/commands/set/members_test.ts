import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = /^-WRONGTYPE Operation against a key holding the wrong kind of value/;
const DEFAULTS =
  "CONFIG SET set-max-intset-entries 512 set-max-listpack-entries 128 set-max-listpack-value 64";
const VARIANTS = {
  compact: [DEFAULTS],
  tables: ["CONFIG SET set-max-intset-entries 0 set-max-listpack-entries 0"],
};

function arity(command: string): string {
  return `-ERR wrong number of arguments for '${command}' command`;
}

cases("SADD", [
  ["new members", ["SADD s a b 3"], ":3"],
  ["a member that is there", ["SADD s a", "SADD s a b"], ":1"],
  ["the same twice", ["SADD s a a"], ":1"],
  ["an empty member", ['SADD s ""', 'SISMEMBER s ""'], ":1"],
  ["bytes", ['SADD s "\\x00\\xff"', 'SISMEMBER s "\\x00\\xff"'], ":1"],
  ["numbers and what looks like them", ["SADD s 1 01 +1 1.0 -0 0", "SCARD s"], ":6"],
  ["integers of 64 bits", [
    "SADD s 9223372036854775807 -9223372036854775808 9223372036854775808",
    "SMISMEMBER s 9223372036854775807 -9223372036854775808 9223372036854775808 0",
  ], "*4 :1 :1 :1 :0"],
  ["wrong type", ["SET s x", "SADD s a"], WRONG_TYPE],
  ["keeps the expiry", ["SADD s a", "EXPIRE s 100", "SADD s b", "TTL s"], ":100"],
  ["an expired key", ["SADD s a", "PEXPIRE s 50", "~80", "SADD s a"], ":1"],
  ["marks watched keys", ["WATCH s", "@2 SADD s a", "MULTI", "PING", "EXEC"], "*-1"],
  ["does not when nothing is new", [
    "SADD s a",
    "WATCH s",
    "@2 SADD s a",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
  ["arity", ["SADD s"], arity("sadd")],
], { variants: VARIANTS });

cases("encodings of SADD", [
  ["integers", ["SADD s 1 2 3", "OBJECT ENCODING s"], "$6 intset"],
  ["others", ["SADD s a 1", "OBJECT ENCODING s"], "$8 listpack"],
  ["an integer first, another later", ["SADD s 1 a", "OBJECT ENCODING s"], "$8 listpack"],
  ["a member of 64 bytes", [`SADD s ${"x".repeat(64)}`, "OBJECT ENCODING s"], "$8 listpack"],
  ["a member of 65 bytes", [`SADD s ${"x".repeat(65)}`, "OBJECT ENCODING s"], "$9 hashtable"],
  ["an intset and 65 bytes", [
    "SADD s 1",
    `SADD s ${"x".repeat(65)}`,
    "OBJECT ENCODING s",
  ], "$9 hashtable"],
  ["stays when the long one goes", [
    `SADD s a ${"x".repeat(65)}`,
    `SREM s ${"x".repeat(65)}`,
    "OBJECT ENCODING s",
  ], "$9 hashtable"],
  ["as many integers as allowed", [
    "CONFIG SET set-max-intset-entries 3",
    "SADD s 1",
    "SADD s 2",
    "SADD s 3",
    "OBJECT ENCODING s",
  ], "$6 intset"],
  ["one more", [
    "CONFIG SET set-max-intset-entries 3",
    "SADD s 1 2 3",
    "SADD s 4",
    "OBJECT ENCODING s",
  ], "$9 hashtable"],
  ["more than allowed from the start", [
    "CONFIG SET set-max-intset-entries 3",
    "SADD s 1 2 3 4",
    "OBJECT ENCODING s",
  ], "$8 listpack"],
  ["more of one than allowed", [
    "CONFIG SET set-max-intset-entries 3",
    "SADD s 1",
    "SADD s 1 1 1 1",
    "OBJECT ENCODING s",
  ], "$9 hashtable"],
  ["a full listpack", [
    "CONFIG SET set-max-listpack-entries 3",
    "SADD s a b",
    "SADD s c",
    "OBJECT ENCODING s",
  ], "$8 listpack"],
  ["one more in a listpack", [
    "CONFIG SET set-max-listpack-entries 3",
    "SADD s a b c",
    "SADD s d",
    "OBJECT ENCODING s",
  ], "$9 hashtable"],
  ["a full listpack, nothing new", [
    "CONFIG SET set-max-listpack-entries 3",
    "SADD s a b c",
    "SADD s a",
    "OBJECT ENCODING s",
  ], "$8 listpack"],
  ["an intset that no listpack may hold", [
    "CONFIG SET set-max-listpack-entries 3",
    "SADD s 1 2 3",
    "SADD s a",
    "OBJECT ENCODING s",
  ], "$9 hashtable"],
  ["an intset that a listpack may just hold", [
    "CONFIG SET set-max-listpack-entries 3",
    "SADD s 1 2",
    "SADD s a",
    "OBJECT ENCODING s",
  ], "$8 listpack"],
  ["integers that are too long for the listpack", [
    "CONFIG SET set-max-listpack-value 3",
    "SADD s -1000 1",
    "SADD s a",
    "OBJECT ENCODING s",
  ], "$9 hashtable"],
  ["a copy", ["SADD s 1 2", "COPY s t", "OBJECT ENCODING t"], "$6 intset"],
], { variants: { "": [DEFAULTS] } });

cases("SREM", [
  ["members", ["SADD s a b c", "SREM s a c x"], ":2"],
  ["the last ones", ["SADD s a b", "SREM s a b", "EXISTS s"], ":0"],
  ["more than there are", ["SADD s a", "SREM s a a b"], ":1"],
  ["integers", ["SADD s 1 2 3", "SREM s 2 01 x 70000", "SMEMBERS s"], /^\*2 /],
  ["no key", ["SREM s a"], ":0"],
  ["wrong type", ["SET s x", "SREM s a"], WRONG_TYPE],
  ["marks watched keys", ["SADD s a", "WATCH s", "@2 SREM s a", "MULTI", "EXEC"], "*-1"],
  ["arity", ["SREM s"], arity("srem")],
], { variants: VARIANTS });

cases("SISMEMBER, SMISMEMBER, SCARD", [
  ["a member", ["SADD s a 1", "SISMEMBER s 1"], ":1"],
  ["none", ["SADD s a 1", "SISMEMBER s 2"], ":0"],
  ["none of integers", ["SADD s 1", "SISMEMBER s x"], ":0"],
  ["of no key", ["SISMEMBER s a"], ":0"],
  ["of the wrong type", ["SET s x", "SISMEMBER s a"], WRONG_TYPE],
  ["SISMEMBER arity", ["SISMEMBER s"], arity("sismember")],
  ["several", ["SADD s a 1", "SMISMEMBER s a b 1 1"], "*4 :1 :0 :1 :1"],
  ["several of no key", ["SMISMEMBER s a b"], "*2 :0 :0"],
  ["several of the wrong type", ["SET s x", "SMISMEMBER s a"], WRONG_TYPE],
  ["SMISMEMBER arity", ["SMISMEMBER s"], arity("smismember")],
  ["count", ["SADD s a b c", "SCARD s"], ":3"],
  ["count of no key", ["SCARD s"], ":0"],
  ["count of the wrong type", ["SET s x", "SCARD s"], WRONG_TYPE],
  ["SCARD arity", ["SCARD s t"], arity("scard")],
], { variants: VARIANTS });

cases("SMOVE", [
  ["moves", ["SADD s a b", "SADD t c", "SMOVE s t a"], ":1"],
  ["into the other", ["SADD s a b", "SADD t c", "SMOVE s t a", "SMISMEMBER t a c"], "*2 :1 :1"],
  ["out of the first", ["SADD s a b", "SMOVE s t a", "SISMEMBER s a"], ":0"],
  ["makes the target", ["SADD s a b", "SMOVE s t a", "SMEMBERS t"], "*1 $1 a"],
  ["deletes the emptied source", ["SADD s a", "SMOVE s t a", "EXISTS s t"], ":1"],
  ["a member of both", ["SADD s a b", "SADD t a", "SMOVE s t a"], ":1"],
  ["is gone from the source then", ["SADD s a b", "SADD t a", "SMOVE s t a", "SCARD s"], ":1"],
  ["no member", ["SADD s a", "SMOVE s t b"], ":0"],
  ["no member makes no target", ["SADD s a", "SMOVE s t b", "EXISTS t"], ":0"],
  ["no source", ["SADD t a", "SMOVE s t a"], ":0"],
  ["no source, target of the wrong type", ["SET t x", "SMOVE s t a"], ":0"],
  ["source of the wrong type", ["SET s x", "SMOVE s t a"], WRONG_TYPE],
  ["target of the wrong type", ["SADD s a", "SET t x", "SMOVE s t a"], WRONG_TYPE],
  ["nothing is moved then", ["SADD s a", "SET t x", "SMOVE s t a", "SCARD s"], ":1"],
  ["onto itself", ["SADD s a", "SMOVE s s a"], ":1"],
  ["onto itself, no member", ["SADD s a", "SMOVE s s b"], ":0"],
  ["an integer into an intset", ["SADD s 1 a", "SADD t 2", "SMOVE s t 1", "SCARD t"], ":2"],
  ["marks the target", ["SADD s a", "WATCH t", "@2 SMOVE s t a", "MULTI", "EXEC"], "*-1"],
  ["an expired target", [
    "SADD s a b",
    "SADD t c",
    "PEXPIRE t 50",
    "~80",
    "SMOVE s t a",
    "SMEMBERS t",
  ], "*1 $1 a"],
  ["arity", ["SMOVE s t"], arity("smove")],
], { variants: VARIANTS });

/** Steps that let connection 2 hear of all events while `steps` run; what it heard comes last. */
function heard(...steps: string[]): string[] {
  const [before, last] = [steps.slice(0, -1), steps[steps.length - 1]];
  return [
    ...before,
    'CONFIG SET notify-keyspace-events "EA"',
    "@2 PSUBSCRIBE *",
    last,
    "@2 <",
  ];
}

/** The messages of events, each "event key". */
function messages(...events: string[]): { resp2: string; resp3: string } {
  const body = events.map((event) => {
    const [name, key] = event.split(" ");
    const channel = `__keyevent@0__:${name}`;
    return `4 $8 pmessage $1 * $${channel.length} ${channel} $${key.length} ${key}`;
  });
  return {
    resp2: body.map((one) => `*${one}`).join(" "),
    resp3: body.map((one) => `>${one}`).join(" "),
  };
}

cases("events of sets", [
  ["SADD", heard("SADD s a"), messages("sadd s")],
  ["SADD of nothing new", heard("SADD s a", "SADD s a"), ""],
  ["SREM", heard("SADD s a b", "SREM s a"), messages("srem s")],
  ["SREM of all", heard("SADD s a", "SREM s a"), messages("srem s", "del s")],
  ["SREM of nothing", heard("SADD s a", "SREM s b"), ""],
  ["SMOVE", heard("SADD s a b", "SADD t c", "SMOVE s t a"), messages("srem s", "sadd t")],
  [
    "SMOVE of the last",
    heard("SADD s a", "SADD t c", "SMOVE s t a"),
    messages("srem s", "del s", "sadd t"),
  ],
  ["SMOVE to one that has it", heard("SADD s a b", "SADD t a", "SMOVE s t a"), messages("srem s")],
  ["SPOP", heard("SADD s a b", "SPOP s"), messages("spop s")],
  ["SPOP of the last", heard("SADD s a", "SPOP s"), messages("spop s", "del s")],
  ["SPOP of some", heard("SADD s a b c", "SPOP s 2"), messages("spop s")],
  ["SPOP of all", heard("SADD s a b", "SPOP s 2"), messages("spop s", "del s")],
  ["SPOP 0", heard("SADD s a b", "SPOP s 0"), ""],
  ["SINTERSTORE", heard("SADD s a", "SINTERSTORE d s"), messages("sinterstore d")],
  [
    "SUNIONSTORE over another",
    heard("SADD s a", "SET d x", "SUNIONSTORE d s"),
    messages("sunionstore d"),
  ],
  ["SDIFFSTORE", heard("SADD s a", "SDIFFSTORE d s"), messages("sdiffstore d")],
  ["nothing to store", heard("SET d x", "SUNIONSTORE d s"), messages("del d")],
  [
    "nothing in common",
    heard("SADD s a", "SADD t b", "SET d x", "SINTERSTORE d s t"),
    messages("del d"),
  ],
  ["nothing to store, no target", heard("SADD s a", "SDIFFSTORE d s s"), ""],
  ["SORT STORE", heard("SADD s 1", "SORT s STORE d"), messages("sortstore d")],
  ["SORT STORE of nothing", heard("SET d x", "SORT s STORE d"), messages("del d")],
], { variants: { "": [DEFAULTS, 'CONFIG SET notify-keyspace-events ""'] } });
