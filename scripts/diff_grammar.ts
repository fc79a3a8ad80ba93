// diff_grammar.ts: random commands for diff.ts, from templates.
//
// A line is: how often (a weight), how replies compare, and the words of the command.
//
//   3 exact LPUSH @l {4 %v }
//
//   exact   the same bytes                 sort    the elements in any order
//   pairs   pairs of elements in any order scan    the second element, in any order; "scanpairs" likewise
//   shape   all but integers, which may be times
//   type    the first byte only            dump    as far as it does not depend on the order of tables or on the clock;
//                                                  the payload may be restored later
//
//   @l @s @h @z @t @c   a key, mostly of that type (list, set, hash, sorted set, stream, string)
//   @x @g @p            a sorted set with equal scores, a set of places, a HyperLogLog: only theirs
//   @a                  any key but @x
//   %v value   %m member   %f field   %i small index   %n integer   %q count   %s score   %r bound of scores
//   %L bound of names   %e %E far time in s, ms   %d id of an entry   %D id that rises   %o bit offset   %G group
//   %C consumer   %P payload of an earlier DUMP   %I increment with a fraction   %y longitude and latitude
//   %Y the same of a corner, such that no polygon has its centre at a pole: nothing is defined there
//   [ .. ]   maybe      ( a | b )   one of them      {4 .. }   once to four times
//
// Commands that block are sent in transactions, where they do not.
//
// An intset limit below that of listpacks makes the encoding of a union depend on the order of a table: never chosen.
//
// Commands whose replies depend on the clock or on chance are used in forms that do not: far times, whole collections.

import type { SeededRandom } from "../tests/kit/clock.ts";

export type Compare =
  | "exact"
  | "sort"
  | "pairs"
  | "scan"
  | "scanpairs"
  | "shape"
  | "type"
  | "dump"
  | "exec";

/** One command: its words (latin-1), how its reply compares, and for EXEC how those inside do. */
export interface Op {
  args: string[];
  compare: Compare;
  inside?: Compare[];
}

const TEMPLATES: Readonly<Record<string, string>> = {
  strings: `
    6 exact SET @c %v [ ( NX | XX | IFEQ %v ) ] [ GET ] [ ( EXAT %e | PXAT %E | KEEPTTL ) ]
    4 exact GET @c
    1 exact GETEX @c [ ( EXAT %e | PXAT %E | PERSIST ) ]
    1 exact GETDEL @c
    1 exact GETSET @c %v
    1 exact SETNX @c %v
    2 exact APPEND @c %v
    1 exact STRLEN @c
    2 exact SETRANGE @c %q %v
    2 exact GETRANGE @c %i %i
    1 exact SUBSTR @c %i %i
    2 exact INCR @c
    2 exact DECR @c
    2 exact INCRBY @c %n
    2 exact DECRBY @c %n
    3 exact INCRBYFLOAT @c %I
    2 exact MGET {4 @a }
    1 exact MSET {3 @c %v }
    1 exact MSETNX {3 @c %v }
    1 exact MSETEX 2 @c %v @c %v [ ( NX | XX ) ] [ ( EXAT %e | PXAT %E | KEEPTTL ) ]
    1 exact DELIFEQ @c %v
    2 exact LCS @c @c [ ( LEN | IDX [ MINMATCHLEN %q ] [ WITHMATCHLEN ] ) ]
  `,
  bitmaps: `
    5 exact SETBIT @c %o ( 0 | 1 )
    2 exact GETBIT @c %o
    2 exact BITCOUNT @c [ %i %i [ ( BYTE | BIT ) ] ]
    2 exact BITPOS @c ( 0 | 1 ) [ %i [ %i [ ( BYTE | BIT ) ] ] ]
    3 exact BITOP ( AND | OR | XOR ) @c {3 @c }
    1 exact BITOP NOT @c @c
    4 exact BITFIELD @c {3 ( GET ( u8 | i5 | u63 | i64 ) %o | SET ( u8 | i16 ) #%q %n | INCRBY ( i5 | u7 ) %o %i | OVERFLOW ( WRAP | SAT | FAIL ) ) }
    1 exact BITFIELD_RO @c GET ( u4 | i64 ) %o
  `,
  lists: `
    5 exact ( LPUSH | RPUSH ) @l {5 %v }
    1 exact ( LPUSHX | RPUSHX ) @l {2 %v }
    3 exact ( LPOP | RPOP ) @l [ %q ]
    3 exact LRANGE @l %i %i
    1 exact LLEN @l
    2 exact LINDEX @l %i
    2 exact LSET @l %i %v
    3 exact LINSERT @l ( BEFORE | AFTER ) %v %v
    2 exact LREM @l %i %v
    2 exact LTRIM @l %i %i
    2 exact LPOS @l %v [ RANK %i ] [ COUNT %q ] [ MAXLEN %q ]
    2 exact LMOVE @l @l ( LEFT | RIGHT ) ( LEFT | RIGHT )
    1 exact RPOPLPUSH @l @l
    2 exact LMPOP 2 @l @l ( LEFT | RIGHT ) [ COUNT %q ]
    1 dump DUMP @l
  `,
  sets: `
    6 exact SADD @s {5 %m }
    3 exact SREM @s {3 %m }
    1 exact SCARD @s
    2 exact SISMEMBER @s %m
    1 exact SMISMEMBER @s {4 %m }
    3 sort SMEMBERS @s
    2 exact SMOVE @s @s %m
    1 sort SPOP @s 1000000
    1 sort SRANDMEMBER @s 1000000
    2 sort ( SINTER | SUNION | SDIFF ) {3 @s }
    3 exact ( SINTERSTORE | SUNIONSTORE | SDIFFSTORE ) @s {3 @s }
    1 exact SINTERCARD 2 @s @s [ LIMIT %q ]
    1 scan SSCAN @s 0 COUNT 1000000 [ MATCH ( a* | *1 | * ) ]
    1 dump DUMP @s
  `,
  hashes: `
    6 exact HSET @h {4 %f %v }
    1 exact HMSET @h {3 %f %v }
    1 exact HSETNX @h %f %v
    2 exact HGET @h %f
    2 exact HMGET @h {4 %f }
    3 pairs HGETALL @h
    1 sort ( HKEYS | HVALS ) @h
    1 exact HLEN @h
    1 exact HEXISTS @h %f
    1 exact HSTRLEN @h %f
    2 exact HDEL @h {3 %f }
    2 exact HINCRBY @h %f %n
    2 exact HINCRBYFLOAT @h %f %I
    1 scanpairs HSCAN @h 0 COUNT 1000000 [ MATCH ( f* | *1 | * ) ]
    1 scan HSCAN @h 0 COUNT 1000000 NOVALUES
    1 sort HRANDFIELD @h 1000000
    1 pairs HRANDFIELD @h 1000000 WITHVALUES
    1 dump DUMP @h
    1 exact HGETDEL @h FIELDS 2 %f %f
  `,
  hashttl: `
    2 exact HEXPIREAT @h ( %e | %e | 1 ) [ ( NX | XX | GT | LT ) ] FIELDS 2 %f %f
    2 exact HPEXPIREAT @h ( %E | %E | 1 ) [ ( NX | XX | GT | LT ) ] FIELDS 1 %f
    2 exact ( HEXPIRETIME | HPEXPIRETIME ) @h FIELDS 2 %f %f
    1 exact HPERSIST @h FIELDS 2 %f %f
    1 dump DUMP @h
    1 shape ( HTTL | HPTTL ) @h FIELDS 2 %f %f
    1 exact ( HEXPIRE | HPEXPIRE ) @h ( 0 | -1 | x ) [ ( NX | XX | GT | LT ) ] FIELDS 2 %f %f
    1 exact HSETEX @h ( ( EX | PX ) ( 0 | -1 | x ) | ( EXAT | PXAT ) ( 0 | 1 | x ) ) FIELDS 1 %f %v
    1 exact HGETEX @h ( EXAT | PXAT ) ( 0 | 1 | x ) FIELDS 1 %f
    2 exact HSETEX @h [ ( FNX | FXX ) ] [ ( EXAT %e | PXAT %E | KEEPTTL ) ] FIELDS 2 %f %v %f %v
    2 exact HGETEX @h [ ( EXAT %e | PXAT %E | PERSIST ) ] FIELDS 2 %f %f
    3 exact HSET @h {4 %f %v }
    2 pairs HGETALL @h
    1 exact HLEN @h
    1 exact HDEL @h {3 %f }
    1 exact HINCRBY @h %f %n
    1 exact HGETDEL @h FIELDS 2 %f %f
  `,
  zsets: `
    8 exact ZADD @z [ ( NX | XX ) ] [ ( GT | LT ) ] [ CH ] {4 %s %m }
    1 exact ZADD @z [ ( NX | XX | GT | LT ) ] [ CH ] INCR %s %m
    2 exact ZINCRBY @z %s %m
    3 exact ZREM @z {3 %m }
    1 exact ZCARD @z
    2 exact ZSCORE @z %m
    1 exact ZMSCORE @z {3 %m }
    2 exact ( ZRANK | ZREVRANK ) @z %m [ WITHSCORE ]
    1 exact ZCOUNT @z %r %r
    3 exact ( ZRANGE | ZREVRANGE ) @z %i %i [ WITHSCORES ]
    1 exact ZRANGE @z %r %r BYSCORE [ REV ] [ LIMIT %i %i ] [ WITHSCORES ]
    2 exact ( ZRANGEBYSCORE | ZREVRANGEBYSCORE ) @z %r %r [ WITHSCORES ] [ LIMIT %i %i ]
    1 exact ZRANGESTORE @z @z %i %i [ REV ]
    1 exact ZRANGESTORE @z @z %r %r BYSCORE [ LIMIT %q %i ]
    2 exact ( ZPOPMIN | ZPOPMAX ) @z [ %q ]
    1 exact ZMPOP 2 @z @z ( MIN | MAX ) [ COUNT %q ]
    1 exact ZREMRANGEBYRANK @z %i %i
    1 exact ZREMRANGEBYSCORE @z %r %r
    2 exact ( ZUNION | ZINTER ) 2 @z ( @z | @s ) [ WEIGHTS %i %i ] [ AGGREGATE ( SUM | MIN | MAX ) ] [ WITHSCORES ]
    3 exact ( ZUNIONSTORE | ZINTERSTORE ) @z 2 @z ( @z | @s ) [ WEIGHTS %i %i ] [ AGGREGATE ( SUM | MIN | MAX ) ]
    1 exact ZDIFF 2 @z ( @z | @s ) [ WITHSCORES ]
    1 exact ZDIFFSTORE @z 2 @z ( @z | @s )
    1 exact ZINTERCARD 2 @z ( @z | @s ) [ LIMIT %q ]
    1 scanpairs ZSCAN @z 0 COUNT 1000000 [ MATCH ( a* | *1 | * ) ]
    1 pairs ZRANDMEMBER @z 1000000 WITHSCORES
    3 exact ZADD @x {4 0 %m }
    1 exact ZREM @x {2 %m }
    2 exact ( ZRANGEBYLEX | ZREVRANGEBYLEX ) @x %L %L [ LIMIT %i %i ]
    1 exact ZLEXCOUNT @x %L %L
    1 exact ZREMRANGEBYLEX @x %L %L
    1 exact ZRANGE @x %L %L BYLEX [ REV ] [ LIMIT %i %i ]
    1 exact ZRANGESTORE @x @x %L %L BYLEX
    1 dump DUMP @z
  `,
  geo: `
    5 exact GEOADD @g [ ( NX | XX ) ] [ CH ] {3 %y %m }
    1 exact GEOPOS @g {3 %m }
    1 exact GEOHASH @g {3 %m }
    1 exact GEODIST @g %m %m [ ( m | km | mi | ft ) ]
    2 exact GEOSEARCH @g FROMLONLAT %y BYRADIUS ( 10 | 500 | 9000 ) km ( ASC | DESC ) [ COUNT 3 ] [ WITHCOORD ] [ WITHDIST ] [ WITHHASH ]
    2 exact GEOSEARCH @g FROMMEMBER %m BYBOX ( 100 | 4000 ) ( 50 | 9000 ) km ( ASC | DESC ) [ COUNT 3 ] [ WITHDIST ]
    1 sort GEOSEARCH @g FROMLONLAT %y BYRADIUS ( 10 | 500 | 9000 ) km
    1 exact GEOSEARCHSTORE @g @g FROMLONLAT %y BYRADIUS ( 500 | 9000 ) km ( ASC | DESC ) [ COUNT 3 ] [ STOREDIST ]
    1 exact GEORADIUS @g %y ( 500 | 9000 ) km ( ASC | DESC ) [ WITHDIST ]
    1 exact GEORADIUSBYMEMBER @g %m ( 500 | 9000 ) km ASC
    1 exact GEORADIUS_RO @g %y 9000 km ASC [ COUNT 2 ] [ WITHCOORD ] [ WITHHASH ]
    1 exact GEORADIUSBYMEMBER_RO @g %m 9000 km DESC [ WITHDIST ]
    1 exact ( GEORADIUS @g %y | GEORADIUSBYMEMBER @g %m ) 9000 km ASC ( STORE | STOREDIST ) @g
    2 exact GEOSEARCH @g BYPOLYGON 3 %Y %Y %Y ( ASC | DESC ) [ COUNT 3 ] [ WITHCOORD ] [ WITHDIST ] [ WITHHASH ]
    1 exact GEOSEARCHSTORE @g @g FROMMEMBER %m BYBOX 4000 9000 km ASC [ COUNT 3 ] [ STOREDIST ]
    1 exact ZREM @g %m
  `,
  hll: `
    5 exact PFADD @p {4 %v }
    2 exact PFCOUNT {3 @p }
    2 exact PFMERGE @p {2 @p }
    1 dump DUMP @p
  `,
  streams: `
    8 exact XADD @t [ NOMKSTREAM ] [ ( MAXLEN | MAXLEN ~ | MAXLEN = ) %q ] %D {3 %f %v }
    1 exact XADD @t [ MINID ~ %d ] ( %d | %D ) %f %v
    1 exact XLEN @t
    2 exact ( XRANGE @t ( - | %d | (%d ) ( + | %d | (%d ) | XREVRANGE @t ( + | %d | (%d ) ( - | %d | (%d ) ) [ COUNT %q ]
    2 exact XDEL @t {2 %d }
    1 exact XTRIM @t ( MAXLEN | MINID ) [ ( = | ~ ) ] %q
    2 exact XREAD [ COUNT %q ] STREAMS @t @t %d ( %d | 0 | + | $ )
    1 exact XSETID @t %D [ ENTRIESADDED %q MAXDELETEDID %d ]
    2 exact XGROUP CREATE @t %G ( 0 | $ | %d ) [ MKSTREAM ] [ ENTRIESREAD %q ]
    1 exact XGROUP SETID @t %G ( 0 | $ | %d ) [ ENTRIESREAD %q ]
    1 exact XGROUP ( CREATECONSUMER | DELCONSUMER ) @t %G %C
    4 exact XREADGROUP GROUP %G %C [ COUNT %q ] [ NOACK ] STREAMS @t ( > | > | 0 | %d )
    2 exact XACK @t %G {3 %d }
    2 exact XCLAIM @t %G %C 0 {3 %d } [ FORCE ] [ JUSTID ] [ RETRYCOUNT %q ] [ LASTID %d ]
    1 exact XAUTOCLAIM @t %G %C 0 %d [ COUNT 3 ] [ JUSTID ]
    2 exact XPENDING @t %G
    1 shape XPENDING @t %G - + 10 [ %C ]
    1 shape XINFO STREAM @t FULL [ COUNT %q ]
    1 shape XINFO CONSUMERS @t %G
    1 exact XGROUP DESTROY @t %G
    1 dump DUMP @t
    2 exact XINFO ( STREAM | GROUPS ) @t
    1 exact TYPE @t
  `,
  generic: `
    2 exact ( DEL | UNLINK ) {2 @a }
    1 exact ( EXISTS | TOUCH ) {3 @a }
    2 exact TYPE @a
    4 exact OBJECT ENCODING @a
    2 exact ( RENAME | RENAMENX ) @a @a
    3 exact COPY @a @a [ DB ( 0 | 1 ) ] [ REPLACE ]
    1 exact MOVE @a 1
    3 exact ( EXPIREAT @a %e | PEXPIREAT @a %E ) [ ( NX | XX | GT | LT ) ]
    1 exact EXPIREAT @a 1
    1 exact PERSIST @a
    2 exact ( EXPIRETIME | PEXPIRETIME ) @a
    1 sort KEYS ( * | ?1 | [cl]* )
    1 scan SCAN 0 COUNT 1000000 [ TYPE ( list | zset | string ) ]
    1 exact DBSIZE
    1 exact SORT ( @l | @z ) [ LIMIT %q %i ] [ GET # ] [ GET ( %f | * ) ] [ ( ASC | DESC ) ] ALPHA
    1 exact SORT ( @l | @z ) BY ( c* | w_* ) [ LIMIT %q %i ] [ GET # ] [ GET c* ] [ ( ASC | DESC ) ]
    1 exact SORT ( @l | @s ) ALPHA STORE @l
    1 dump DUMP @c
    1 exact RESTORE @a ( 0 %P | 0 %P | %E %P ABSTTL ) [ REPLACE ]
    1 exact DEBUG DIGEST-VALUE @a
  `,
  blocking: `
    3 exact ( RPUSH @l {2 %v } | ZADD @z %s %m | XADD @t %D f %v )
    2 exact ( BLPOP | BRPOP ) {3 @l } 0
    1 exact BLMOVE @l @l ( LEFT | RIGHT ) ( LEFT | RIGHT ) 0.01
    1 exact BRPOPLPUSH @l @l 0
    1 exact BLMPOP 0 2 @l @l ( LEFT | RIGHT ) [ COUNT %q ]
    2 exact ( BZPOPMIN | BZPOPMAX ) {3 @z } 0
    1 exact BZMPOP 0 2 @z @z ( MIN | MAX ) [ COUNT %q ]
    1 exact XREAD BLOCK 0 STREAMS @t @t %d $
    1 exact XREADGROUP GROUP %G %C BLOCK 0 STREAMS @t >
    1 exact ( BLPOP @l ( -1 | x | inf | 1e30 ) | BZPOPMIN @z nan | BLMPOP -1 1 @l LEFT )
  `,
  limits: `
    1 exact CONFIG SET hash-max-listpack-entries ( 2 | 8 | 512 )
    1 exact CONFIG SET hash-max-listpack-value ( 4 | 64 )
    1 exact CONFIG SET set-max-intset-entries 8 set-max-listpack-entries ( 2 | 8 )
    1 exact CONFIG SET set-max-intset-entries 512 set-max-listpack-entries ( 2 | 8 | 128 )
    1 exact CONFIG SET zset-max-listpack-entries ( 2 | 8 | 128 )
    1 exact CONFIG SET zset-max-listpack-value ( 4 | 64 )
    1 exact CONFIG SET list-max-listpack-size ( -2 | 2 | 5 | -1 )
    1 exact CONFIG SET stream-node-max-entries ( 2 | 5 | 100 )
    1 exact CONFIG SET hll-sparse-max-bytes ( 50 | 3000 )
  `,
};

/** How often limits change: one of so many commands. */
const LIMITS_EVERY = 300;
const MULTI_EVERY = 60;
/** Keys go now and then, so that they do not all end up with values of foreign types. */
const DEL_EVERY = 30;
const FOREIGN_KEY_SHARE = 0.04;
const KEYS_PER_TYPE = 5;
const TYPES = "lshztcgp";

/** What a template is made of. */
type Node =
  | { kind: "word"; text: string }
  | { kind: "maybe"; body: Node[] }
  | { kind: "one"; bodies: Node[][] }
  | { kind: "many"; most: number; body: Node[] };

interface Template {
  compare: Compare;
  body: Node[];
}

/** Parses words up to a closing one, which is left in front. */
function parseBody(words: string[]): Node[] {
  const body: Node[] = [];
  while (words.length > 0 && !["]", ")", "|", "}"].includes(words[0])) {
    const text = words.shift() as string;
    if (text === "[") {
      body.push({ kind: "maybe", body: parseBody(words) });
      words.shift();
    } else if (text === "(") {
      const bodies = [parseBody(words)];
      while (words.shift() === "|") bodies.push(parseBody(words));
      body.push({ kind: "one", bodies });
    } else if (/^\{\d+$/.test(text)) {
      body.push({ kind: "many", most: Number(text.slice(1)), body: parseBody(words) });
      words.shift();
    } else {
      body.push({ kind: "word", text });
    }
  }
  return body;
}

/** The templates of a family, each as often as its weight says. */
function parseFamily(text: string): Template[] {
  const templates: Template[] = [];
  for (const row of text.split("\n").map((one) => one.trim()).filter((one) => one !== "")) {
    const [weight, compare, ...words] = row.split(" ");
    const template = { compare: compare as Compare, body: parseBody(words) };
    for (let i = 0; i < Number(weight); i++) templates.push(template);
  }
  return templates;
}

/** Names of the families that may be asked for. */
export const FAMILIES: readonly string[] = Object.keys(TEMPLATES).filter((name) =>
  name !== "limits"
);

const LONG_VALUES = [
  "x".repeat(65),
  "abc".repeat(100),
  "y".repeat(20),
  "z".repeat(130),
  // No NUL: SORT ALPHA ends its strings there, so that different ones tie.
  "\x01\xff\r\n",
  "",
];
const SCORES = ["0", "1", "2", "3", "-1", "1.5", "-2.25", "inf", "-inf", "1e20", "3.14", "-0"];
const INTEGERS = ["0", "1", "-1", "7", "100", "-32769", "2147483648", "9223372036854775807"];

/** Whether a command waits when it is not in a transaction. */
export function mayBlock(op: Op): boolean {
  return /^B[LRZ]/.test(op.args[0]) || op.args.includes("BLOCK");
}

/** Makes commands, all from one seed. */
export class Grammar {
  readonly #random: SeededRandom;
  readonly #templates: Template[][];
  readonly #limits: Template[] = parseFamily(TEMPLATES.limits);
  /** Payloads that DUMP answered. */
  readonly payloads: string[] = [];
  #id = 0;

  constructor(random: SeededRandom, families: readonly string[]) {
    this.#random = random;
    this.#templates = families.map((name) => {
      if (!FAMILIES.includes(name)) throw new Error(`no such family: ${name}`);
      return parseFamily(TEMPLATES[name]);
    });
  }

  /** The next command, or a whole transaction. */
  next(): Op[] {
    const random = this.#random;
    if (random.below(LIMITS_EVERY) === 0) return [this.#from(random.pick(this.#limits))];
    if (random.below(DEL_EVERY) === 0) {
      return [{ args: ["DEL", this.#key("a"), this.#key("a")], compare: "exact" }];
    }
    const first = this.#any();
    if (!mayBlock(first) && random.below(MULTI_EVERY) !== 0) return [first];
    const inside: Op[] = [first];
    for (let left = random.below(5); left > 0; left--) inside.push(this.#any());
    return [
      { args: ["MULTI"], compare: "exact" },
      ...inside,
      { args: ["EXEC"], compare: "exec", inside: inside.map((op) => op.compare) },
    ];
  }

  #any(): Op {
    return this.#from(this.#random.pick(this.#random.pick(this.#templates)));
  }

  #from(template: Template): Op {
    const args: string[] = [];
    this.#expand(template.body, args);
    return { args, compare: template.compare };
  }

  #expand(body: readonly Node[], out: string[]): void {
    for (const node of body) {
      if (node.kind === "word") {
        if (node.text === "%y") out.push(...this.#place(1800, 850));
        else if (node.text === "%Y") out.push(...this.#place(800, 600));
        else out.push(node.text.replace(/[@%][a-zA-Z]/, (code) => this.#word(code)));
      } else if (node.kind === "maybe") {
        if (this.#random.chance(0.3)) this.#expand(node.body, out);
      } else if (node.kind === "one") {
        this.#expand(this.#random.pick(node.bodies), out);
      } else {
        for (let left = 1 + this.#random.below(node.most); left > 0; left--) {
          this.#expand(node.body, out);
        }
      }
    }
  }

  #word(code: string): string {
    const random = this.#random;
    if (code[0] === "@") return this.#key(code[1]);
    switch (code[1]) {
      case "v":
        return this.#value();
      case "m":
        return random.chance(0.4) ? String(random.below(30) - 5) : this.#value();
      case "f":
        return random.chance(0.9) ? `f${random.below(12)}` : this.#value();
      case "i":
        return String(random.below(21) - 10);
      case "n":
        return random.chance(0.8) ? String(random.below(200) - 100) : random.pick(INTEGERS);
      case "q":
        return String(random.below(9));
      case "s":
        return random.chance(0.5) ? random.pick(SCORES) : String(random.below(40) / 4);
      case "r":
        return (random.chance(0.2) ? "(" : "") + random.pick(SCORES);
      case "L":
        return random.pick(["-", "+", "[", "(", "[a", "(f3", `[${random.below(20)}`, "[y", "(zz"]);
      case "e":
        return String(9_000_000_000 + random.below(5));
      case "E":
        return String(9_000_000_000_000 + random.below(5));
      case "d":
        return `${Math.max(0, this.#id - random.below(30))}-${random.below(3)}`;
      case "D":
        this.#id += random.below(3) + 1;
        return `${this.#id}-${random.chance(0.2) ? "*" : random.below(3)}`;
      case "o":
        return String(random.below(100));
      case "G":
        return `g${random.below(2)}`;
      case "C":
        return `c${random.below(3)}`;
      case "P":
        return this.payloads.length > 0 ? random.pick(this.payloads) : "\x00";
      default:
        return random.pick(["1.5", "-0.1", "3e3", "0.0001", "10", "1e17", "-7.25", "inf"]);
    }
  }

  #key(kind: string): string {
    const random = this.#random;
    let letter = kind;
    const isFree = "lshztc".includes(kind);
    if (kind === "a" || (isFree && random.chance(FOREIGN_KEY_SHARE))) {
      // Only its own commands may touch a set with equal scores, or orders by name mean nothing.
      letter = random.pick([...TYPES]);
    }
    return `${letter}${random.below(KEYS_PER_TYPE)}`;
  }

  #value(): string {
    const random = this.#random;
    const kind = random.below(20);
    if (kind < 8) return String.fromCharCode(97 + random.below(8));
    if (kind < 13) return String(random.below(300) - 100);
    if (kind < 15) return random.pick(INTEGERS);
    if (kind < 18) return `word${random.below(50)}`;
    return random.pick(LONG_VALUES);
  }

  /** A place so many tenths of a degree from the meridian and the equator at most. */
  #place(east: number, north: number): string[] {
    const random = this.#random;
    return [
      String((random.below(2 * east) - east) / 10),
      String((random.below(2 * north) - north) / 10),
    ];
  }
}
