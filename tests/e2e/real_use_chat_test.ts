// real_use_chat_test.ts: a chat. Rooms are streams, so that who comes late can read what was said; pub/sub tells those who
// are there that something was; a consumer group of workers archives every line exactly once.

import type { Redis } from "ioredis";
import { realUse, type Stage } from "./real_use_kit.ts";

const ROOM = "room:lobby";
const TOPIC = "said:lobby";
const LINES = 40;
const WORKERS = ["w1", "w2"];

type Entry = [id: string, fields: string[]];

async function say(client: Redis, who: string, text: string): Promise<void> {
  const id = await client.xadd(ROOM, "MAXLEN", "~", 1000, "*", "who", who, "text", text);
  await client.publish(TOPIC, `${id} ${who}`);
}

/** Entries without their ids, which hold the time. */
function said(entries: Entry[]): string[][] {
  return entries.map(([, fields]) => fields);
}

/** Reads lines as one of the group until there are none, acknowledging all but every tenth. */
async function archive(client: Redis, worker: string, kept: string[]): Promise<void> {
  for (;;) {
    const answer = await client.xreadgroup(
      "GROUP",
      "archive",
      worker,
      "COUNT",
      7,
      "STREAMS",
      ROOM,
      ">",
    ) as [string, Entry[]][] | null;
    if (answer === null) return;
    for (const [id, fields] of answer[0][1]) {
      kept.push(fields[3]);
      if (Number(fields[3].slice(5)) % 10 !== 0) await client.xack(ROOM, "archive", id);
    }
  }
}

async function chat({ connect, note, until }: Stage): Promise<void> {
  const ann = connect();
  const bob = connect();
  const ear = connect();
  const heard: string[] = [];
  ear.on("message", (_channel: string, message: string) => heard.push(message.split(" ")[1]));
  note("subscribed", await ear.subscribe(TOPIC));
  note("group", await ann.xgroup("CREATE", ROOM, "archive", "$", "MKSTREAM"));
  try {
    await ann.xgroup("CREATE", ROOM, "archive", "$");
  } catch (error) {
    note("group again", (error as Error).message);
  }
  for (let n = 1; n <= LINES; n++) {
    await say(n % 3 === 0 ? bob : ann, n % 3 ? "ann" : "bob", `line ${n}`);
  }
  await until(() => heard.length === LINES);
  note("heard", heard.filter((who) => who === "ann").length, heard.slice(0, 4));
  note("length", await ann.xlen(ROOM));
  note("latest", said(await bob.xrevrange(ROOM, "+", "-", "COUNT", 2)));

  const kept: string[] = [];
  for (const worker of WORKERS) await archive(bob, worker, kept);
  note("archived", kept.length, new Set(kept).size);
  const [pending, low, high] = await ann.xpending(ROOM, "archive") as unknown[];
  note("pending", pending, low !== high);
  const [, claimed] = await ann.xautoclaim(ROOM, "archive", "w2", 0, "0") as [string, Entry[]];
  note("claimed", said(claimed));
  note("acknowledged", await ann.xack(ROOM, "archive", ...claimed.map(([id]) => id)));
  note("nothing is left", (await ann.xpending(ROOM, "archive") as unknown[])[0]);

  const late = connect();
  const waiting = late.xread("BLOCK", 10_000, "STREAMS", ROOM, "$");
  await until(() => late.status === "ready");
  await new Promise((done) => setTimeout(done, 100));
  await say(ann, "ann", "are you there?");
  const woken = await waiting as [string, Entry[]][];
  note("woken", woken[0][0], said(woken[0][1]));
  note("trimmed", await ann.xtrim(ROOM, "MAXLEN", 5), await ann.xlen(ROOM));
  note("unheard", await ann.publish("said:nowhere", "x"));
}

realUse("chat", chat, [
  '"subscribed" 1',
  '"group" "OK"',
  '"group again" "BUSYGROUP Consumer Group name already exists"',
  '"heard" 27 ["ann","ann","bob","ann"]',
  '"length" 40',
  '"latest" [["who","ann","text","line 40"],["who","bob","text","line 39"]]',
  '"archived" 40 40',
  '"pending" 4 true',
  '"claimed" [["who","ann","text","line 10"],["who","ann","text","line 20"],' +
  '["who","bob","text","line 30"],["who","ann","text","line 40"]]',
  '"acknowledged" 4',
  '"nothing is left" 0',
  '"woken" "room:lobby" [["who","ann","text","are you there?"]]',
  '"trimmed" 36 5',
  '"unheard" 0',
]);
