// snapshots.ts: the data set as a whole: sent to those who follow it, or taken out of memory and read back.
//
//   SYNC -> $length, snapshot, then every change as it happens (lib/session/propagation.ts), a PING now and then
//
// The snapshot is written in one go: clients wait for as long as that takes, and its bytes are held until the follower
// has taken them.

import { fromLatin1 } from "../lib/bytes/ascii.ts";
import type { ClientView } from "../lib/commands/client_view.ts";
import type { SnapshotView } from "../lib/commands/server_view.ts";
import { keyspaceEmpty } from "../lib/engine/reclaim.ts";
import { snapshotRead } from "../lib/persist/rdb_file_reader.ts";
import { snapshotWrite } from "../lib/persist/rdb_file_writer.ts";
import type { Engine } from "../lib/session/engine.ts";
import type { PropagationSink } from "../lib/session/propagation.ts";
import type { Session } from "../lib/session/session.ts";
import { VALKEY_VERSION } from "../lib/version.ts";

const PING = fromLatin1("*1\r\n$4\r\nPING\r\n");
const LOG_WARNING = 3;
const LOG_NOTICE = 2;

/** Snapshots and followers of one engine. */
export class Snapshots implements SnapshotView {
  private engine: Engine;
  private followers = new Map<Session, PropagationSink>();
  private lastPingMs = 0;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** The data set in pieces. */
  private write(): Uint8Array[] {
    const { engine } = this;
    const { config, server, keyspace } = engine;
    const policy = config.text("maxmemory-policy");
    const pieces: Uint8Array[] = [];
    snapshotWrite(
      keyspace,
      {
        aux: [
          ["valkey-ver", VALKEY_VERSION],
          ["redis-bits", "64"],
          ["ctime", String(Math.floor(server.clock.wallMs() / 1000))],
          ["used-mem", String(keyspace.arena.usedBytes)],
          ["aof-base", "0"],
        ],
        compress: config.flag("rdbcompression"),
        checksum: config.flag("rdbchecksum"),
        access: policy.endsWith("lru") ? "idle" : policy.endsWith("lfu") ? "frequency" : "none",
      },
      (buf, off, len) => pieces.push(buf.slice(off, off + len)),
    );
    return pieces;
  }

  reload(flush: boolean, merge: boolean): string {
    const { engine } = this;
    const { keyspace, config, server } = engine;
    const bytes = joined(this.write());
    if (flush) keyspaceEmpty(keyspace, false);
    const result = snapshotRead(keyspace, bytes, 0, bytes.length, {
      nowMs: server.clock.wallMs(),
      relaxed: config.text("rdb-version-check") === "relaxed",
      checksum: config.flag("rdbchecksum"),
      merge,
    });
    if (result.error === "") {
      server.log.write(LOG_WARNING, "DB reloaded by DEBUG RELOAD");
      return "";
    }
    server.log.write(LOG_WARNING, `DEBUG RELOAD, offset ${result.offset}: ${result.error}`);
    return "ERR Error trying to load the RDB dump, check server logs.";
  }

  follow(client: ClientView): void {
    const session = client as Session;
    if (this.followers.has(session)) return;
    const pieces = this.write();
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    session.isReplica = true;
    session.push(fromLatin1(`$${length}\r\n`));
    for (const piece of pieces) session.push(piece);
    const sink = {
      feed: (buf: Uint8Array, off: number, len: number) => session.push(buf.slice(off, off + len)),
    };
    this.followers.set(session, sink);
    this.engine.propagation.attach(sink);
    session.onEnd = () => this.drop(session);
    this.engine.server.log.write(LOG_NOTICE, `Replica ${session.remote} asks for synchronization`);
  }

  get followerCount(): number {
    return this.followers.size;
  }

  private drop(session: Session): void {
    const sink = this.followers.get(session);
    if (sink === undefined) return;
    this.followers.delete(session);
    this.engine.propagation.detach(sink);
  }

  /** Sends a PING when the last one is long ago. */
  tick(nowMs: number): void {
    if (this.followers.size === 0) return;
    if (nowMs - this.lastPingMs < this.engine.config.number("repl-ping-replica-period") * 1000) {
      return;
    }
    this.lastPingMs = nowMs;
    for (const sink of this.followers.values()) sink.feed(PING, 0, PING.length);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
