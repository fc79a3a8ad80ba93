// notifications.ts: keyspace notifications: events as messages of pub/sub.
//
//   __keyspace@<db>__:<key>     <event>      with K among the letters of notify-keyspace-events
//   __keyevent@<db>__:<event>   <key>        with E
//
// Handlers publish what they did (lib/commands/notify.ts). What happens to keys by itself or underneath any command is
// heard from the keyspace: keys that expire, and names that come into being.
//
// Source followed: valkey-doc, "Keyspace notifications".

import { fromLatin1 } from "../bytes/ascii.ts";
import {
  type Notifier,
  NOTIFY_EVICTED,
  NOTIFY_EXPIRED,
  NOTIFY_GENERIC,
  NOTIFY_HASH,
  NOTIFY_KEY_MISS,
  NOTIFY_LIST,
  NOTIFY_NEW,
  NOTIFY_SET,
  NOTIFY_STREAM,
  NOTIFY_STRING,
  NOTIFY_ZSET,
} from "../commands/notify.ts";
import type { Database } from "../engine/keyspace.ts";
import { recordKeyBuf, recordKeyLen, recordKeyOff } from "../engine/record.ts";
import type { Engine } from "./engine.ts";
import type { KeyspaceListener } from "./keyspace_events.ts";

/** Classes by their letters. The d for events of modules names none of ours. */
const CLASS_OF: Readonly<Record<string, number>> = {
  g: NOTIFY_GENERIC,
  $: NOTIFY_STRING,
  l: NOTIFY_LIST,
  s: NOTIFY_SET,
  h: NOTIFY_HASH,
  z: NOTIFY_ZSET,
  x: NOTIFY_EXPIRED,
  e: NOTIFY_EVICTED,
  t: NOTIFY_STREAM,
  m: NOTIFY_KEY_MISS,
  n: NOTIFY_NEW,
};
const ALL = "g$lshzxet";

/** What is heard from the keyspace instead of from handlers. */
const FROM_KEYSPACE = NOTIFY_EXPIRED | NOTIFY_NEW | NOTIFY_GENERIC;

/** Publishes the events of an engine. */
export class Notifications implements Notifier, KeyspaceListener {
  mask = 0;
  private engine: Engine;
  private toKeyspace = false;
  private toKeyevent = false;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Takes the letters of notify-keyspace-events. */
  follow(letters: string): void {
    this.toKeyspace = letters.includes("K");
    this.toKeyevent = letters.includes("E");
    this.mask = 0;
    if (this.toKeyspace || this.toKeyevent) {
      for (const letter of letters.replace("A", ALL)) this.mask |= CLASS_OF[letter] ?? 0;
    }
    if ((this.mask & FROM_KEYSPACE) !== 0) this.engine.events.add(this);
    else this.engine.events.remove(this);
  }

  publish(
    _kind: number,
    event: string,
    dbIndex: number,
    buf: Uint8Array,
    off: number,
    len: number,
  ): void {
    const { pubsub } = this.engine;
    if (pubsub.isDeserted) return;
    const name = fromLatin1(event);
    if (this.toKeyspace) {
      const prefix = fromLatin1(`__keyspace@${dbIndex}__:`);
      const channel = new Uint8Array(prefix.length + len);
      channel.set(prefix);
      channel.set(buf.subarray(off, off + len), prefix.length);
      pubsub.publish("channel", channel, 0, channel.length, name, 0, name.length);
    }
    if (this.toKeyevent) {
      const channel = fromLatin1(`__keyevent@${dbIndex}__:${event}`);
      pubsub.publish("channel", channel, 0, channel.length, buf, off, len);
    }
  }

  added(db: Database, rec: number): void {
    if ((this.mask & NOTIFY_NEW) === 0) return;
    const { arena } = this.engine.keyspace;
    const off = recordKeyOff(arena, rec);
    this.publish(
      NOTIFY_NEW,
      "new",
      db.index,
      recordKeyBuf(arena, rec),
      off,
      recordKeyLen(arena, rec),
    );
  }

  expired(db: Database, buf: Uint8Array, off: number, len: number): void {
    if ((this.mask & NOTIFY_EXPIRED) === 0) return;
    this.publish(NOTIFY_EXPIRED, "expired", db.index, buf, off, len);
  }

  fieldsExpired(db: Database, buf: Uint8Array, off: number, len: number, isLast: boolean): void {
    if ((this.mask & NOTIFY_EXPIRED) !== 0) {
      this.publish(NOTIFY_EXPIRED, "hexpired", db.index, buf, off, len);
    }
    if (isLast && (this.mask & NOTIFY_GENERIC) !== 0) {
      this.publish(NOTIFY_GENERIC, "del", db.index, buf, off, len);
    }
  }
}
