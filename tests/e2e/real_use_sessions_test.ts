// real_use_sessions_test.ts: a store of web sessions: a hash each, which lives as long as its user comes back; fields that
// live shorter than the session; a counter that limits logins; a lock that only its holder can give back.

import { realUse, type Stage } from "./real_use_kit.ts";

const SESSIONS = 50;
const SHORT_MS = 400;

async function sessions({ connect, note, until }: Stage): Promise<void> {
  const client = connect();
  const pipeline = client.pipeline();
  for (let n = 0; n < SESSIONS; n++) {
    const key = `session:${n}`;
    pipeline.hset(key, { user: `u${n % 7}`, visits: 1, theme: n % 2 ? "dark" : "light" });
    pipeline.pexpire(key, n < 10 ? SHORT_MS : 600_000);
  }
  const made = await pipeline.exec() ?? [];
  note("made", made.length, made.every(([error]) => error === null));
  note("visits", await client.hincrby("session:20", "visits", 4));
  note("balance", await client.hincrbyfloat("session:20", "balance", 10.5));
  note("session", await client.hgetall("session:20"));
  note("some", await client.hmget("session:20", "user", "nothing"));
  const ttl = await client.pttl("session:20");
  note("alive", ttl > 500_000 && ttl <= 600_000);

  note(
    "token",
    await client.call("HSETEX", "session:20", "PX", SHORT_MS, "FIELDS", 1, "token", "t"),
  );
  note("with token", await client.hexists("session:20", "token"));
  note("encoding", await client.object("ENCODING", "session:20"));
  await new Promise((done) => setTimeout(done, SHORT_MS * 2));
  note("token later", await client.hget("session:20", "token"));
  note("short ones", await client.exists("session:0", "session:9", "session:10"));
  let left = -1;
  for (let tries = 0; tries < 200 && left !== SESSIONS - 10; tries++) {
    left = await client.dbsize();
    await new Promise((done) => setTimeout(done, 20));
  }
  note("left", left);

  note("login", await client.multi().incr("logins:u1").expire("logins:u1", 60, "NX").exec());
  note("login", await client.multi().incr("logins:u1").expire("logins:u1", 60, "NX").exec());

  note("lock", await client.set("lock", "me", "PX", 60_000, "NX"));
  note("lock again", await client.set("lock", "you", "PX", 60_000, "NX"));
  note("not yours", await client.call("DELIFEQ", "lock", "you"));
  note("mine", await client.call("DELIFEQ", "lock", "me"));

  const other = connect();
  await client.watch("session:30");
  await other.hset("session:30", "theme", "red");
  note("lost update", await client.multi().hset("session:30", "theme", "blue").exec());
  note("theme", await client.hget("session:30", "theme"));

  const events: string[] = [];
  const ear = connect();
  await client.config("SET", "notify-keyspace-events", "Egx");
  ear.on("message", (channel: string, key: string) => events.push(`${channel.slice(-7)} ${key}`));
  await ear.subscribe("__keyevent@0__:expired");
  await client.set("soon", "gone", "PX", SHORT_MS);
  await until(() => events.length > 0);
  note("events", events);
  await client.config("SET", "notify-keyspace-events", "");

  const found: string[] = [];
  let cursor = "0";
  do {
    const [next, keys] = await client.scan(cursor, "MATCH", "session:*", "COUNT", 7);
    cursor = next;
    found.push(...keys);
  } while (cursor !== "0");
  note("scanned", new Set(found).size);
  note("logged out", await client.unlink(...new Set(found)), await client.exists("session:20"));
}

realUse("sessions", sessions, [
  '"made" 100 true',
  '"visits" 5',
  '"balance" "10.5"',
  '"session" {"user":"u6","visits":"5","theme":"light","balance":"10.5"}',
  '"some" ["u6",null]',
  '"alive" true',
  '"token" 1',
  '"with token" 1',
  '"encoding" "hashtable"',
  '"token later" null',
  '"short ones" 1',
  '"left" 40',
  '"login" [[null,1],[null,1]]',
  '"login" [[null,2],[null,0]]',
  '"lock" "OK"',
  '"lock again" null',
  '"not yours" 0',
  '"mine" 1',
  '"lost update" null',
  '"theme" "red"',
  '"events" ["expired soon"]',
  '"scanned" 40',
  '"logged out" 40 0',
]);
