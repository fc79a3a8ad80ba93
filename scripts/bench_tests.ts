// bench_tests.ts: what bench_vs.ts can measure: the load generator's own tests, and commands on prepared data.
//
// A placeholder __rand_int__ becomes a number of twelve digits below the range of the test (or --keys), __data__ a value.

import { connect, type Socket } from "node:net";
import { encodeArgs } from "../tests/kit/resp.ts";
import type { Connection } from "../tests/kit/transport.ts";

/** A running server, as preparations see it. */
export interface Place {
  host: string;
  port: number;
  connection: Connection;
}

/** Something that can be measured. */
export interface BenchTest {
  name: string;
  /** Arguments of the load generator that choose the command. */
  load: readonly string[];
  /** Range of random numbers, when it is not that of all keys. */
  range?: number;
  /** Depths of the pipeline it makes sense with; all when absent. */
  pipelines?: readonly number[];
  /** Makes data once, before the first round. Commands in order. */
  fill?: () => Iterable<readonly string[]>;
  /** Makes data again before each run: arguments of the load generator. */
  refill?: readonly string[];
  /** Connections that listen during a run. */
  subscribers?: number;
}

const MEMBERS = 1_000_000;
const FIELDS = 100;
const ELEMENTS = 600;
const SET_MEMBERS = 1000;
const PLACES = 10_000;
const ENTRIES = 1000;
const POPPED = "300000";
const PER_COMMAND = 100;
const FILL_BATCH = 200;
const REPLY_MS = 120_000;
export const CHANNEL = "bench:channel";

function padded(n: number): string {
  return String(n).padStart(12, "0");
}

/** Commands that add many elements, a hundred at a time. */
function* inParts(
  head: readonly string[],
  count: number,
  element: (n: number) => readonly string[],
): Iterable<readonly string[]> {
  for (let from = 0; from < count; from += PER_COMMAND) {
    const parts: string[] = [];
    for (let n = from; n < Math.min(count, from + PER_COMMAND); n++) parts.push(...element(n));
    yield [...head, ...parts];
  }
}

function* million(): Iterable<readonly string[]> {
  // Scores in an order that is not that of the names.
  yield* inParts(["ZADD", "bench:zset"], MEMBERS, (n) => [
    String((n * 7919) % MEMBERS),
    `member:${padded(n)}`,
  ]);
}

function* twoSets(): Iterable<readonly string[]> {
  yield* inParts(["SADD", "bench:set1"], SET_MEMBERS, (n) => [`member:${n}`]);
  yield* inParts(["SADD", "bench:set2"], SET_MEMBERS, (n) => [`member:${n + SET_MEMBERS / 2}`]);
}

function* entries(): Iterable<readonly string[]> {
  for (let n = 1; n <= ENTRIES; n++) yield ["XADD", "bench:stream", `${n}-1`, "field", `value${n}`];
}

const list = () => inParts(["RPUSH", "bench:list"], ELEMENTS, (n) => [`element:${n}`]);

function range(count: number): BenchTest {
  const last = String(count - 1);
  return { name: `lrange_${count}`, load: ["LRANGE", "bench:list", "0", last], fill: list };
}

function own(name: string, refill?: readonly string[]): BenchTest {
  return { name, load: ["-t", name], refill };
}

/** Everything there is; the names of the generator's own tests mean those. */
export const BENCH_TESTS: readonly BenchTest[] = [
  own("ping_inline"),
  own("ping_mbulk"),
  own("set"),
  own("get"),
  own("incr"),
  own("lpush"),
  own("rpush"),
  own("lpop", ["-n", POPPED, "-P", "100", "-t", "lpush"]),
  own("rpop", ["-n", POPPED, "-P", "100", "-t", "lpush"]),
  own("sadd"),
  own("hset"),
  own("spop", ["-n", POPPED, "-P", "100", "-r", POPPED, "--sequential", "-t", "sadd"]),
  own("zadd"),
  own("zpopmin", ["-n", POPPED, "-P", "100", "-r", POPPED, "--sequential", "-t", "zadd"]),
  own("mset"),
  own("xadd"),
  range(100),
  range(300),
  range(500),
  range(600),
  {
    name: "zadd_1m",
    load: ["ZADD", "bench:zset", "__rand_int__", "member:__rand_int__"],
    range: MEMBERS,
    fill: million,
  },
  {
    name: "zrank_1m",
    load: ["ZRANK", "bench:zset", "member:__rand_int__"],
    range: MEMBERS,
    fill: million,
  },
  {
    name: "zrange_by_score",
    load: ["ZRANGE", "bench:zset", "__rand_int__", "+inf", "BYSCORE", "LIMIT", "0", "10"],
    range: MEMBERS,
    fill: million,
  },
  {
    name: "hgetall_100",
    load: ["HGETALL", "bench:hash"],
    fill: () => inParts(["HSET", "bench:hash"], FIELDS, (n) => [`field:${n}`, `value:${n}`]),
  },
  {
    name: "xread",
    load: ["XREAD", "COUNT", "10", "STREAMS", "bench:stream", "500"],
    fill: entries,
  },
  { name: "sinter_1000", load: ["SINTER", "bench:set1", "bench:set2"], fill: twoSets },
  {
    name: "geosearch",
    load: "GEOSEARCH bench:geo FROMLONLAT 13.4 52.5 BYRADIUS 100 km ASC COUNT 10".split(" "),
    fill: () =>
      inParts(["GEOADD", "bench:geo"], PLACES, (n) => [
        String(10 + (n % 100) / 12.5),
        String(48 + Math.floor(n / 100) / 12.5),
        `place:${n}`,
      ]),
  },
  { name: "pfadd", load: ["PFADD", "bench:hll", "__rand_int__"], range: MEMBERS },
  { name: "publish_100", load: ["PUBLISH", CHANNEL, "__data__"], pipelines: [1], subscribers: 100 },
];

/** The tests of a list of names; "all", "own" (those of the generator) and "data" (the others) are groups. */
export function benchTests(names: string): BenchTest[] {
  return names.split(",").flatMap((name) => {
    if (name === "all") return [...BENCH_TESTS];
    if (name === "own") return BENCH_TESTS.filter((test) => test.load[0] === "-t");
    if (name === "data") return BENCH_TESTS.filter((test) => test.load[0] !== "-t");
    // "ping" stands for two tests of the generator; the array form is meant.
    const wanted = name === "ping" ? "ping_mbulk" : name;
    const found = BENCH_TESTS.find((test) => test.name === wanted);
    if (found === undefined) {
      throw new Error(
        `no test ${name}; there are ${BENCH_TESTS.map((one) => one.name).join(", ")}`,
      );
    }
    return [found];
  });
}

/** Sends the commands that make the data of these tests, each set of data once. */
export async function fillTests(place: Place, tests: readonly BenchTest[]): Promise<void> {
  for (const fill of new Set(tests.map((test) => test.fill))) {
    if (fill === undefined) continue;
    let batch: string[] = [];
    const send = async () => {
      await place.connection.write(batch.join(""));
      for (let left = batch.length; left > 0; left--) {
        const reply = await place.connection.frame(REPLY_MS);
        if (reply.startsWith("-")) throw new Error(`preparing: ${reply}`);
      }
      batch = [];
    };
    for (const command of fill()) {
      batch.push(encodeArgs(command));
      if (batch.length === FILL_BATCH) await send();
    }
    if (batch.length > 0) await send();
  }
}

/** Opens connections that listen to CHANNEL and forget what they hear. */
export async function subscribe(place: Place, count: number): Promise<Socket[]> {
  return await Promise.all(
    Array.from({ length: count }, () =>
      new Promise<Socket>((resolve, reject) => {
        const socket = connect(place.port, place.host);
        socket.once("error", reject);
        // What arrives first is the confirmation.
        socket.once("data", () => resolve(socket));
        socket.on("data", () => {});
        socket.write(encodeArgs(["SUBSCRIBE", CHANNEL]));
      })),
  );
}
