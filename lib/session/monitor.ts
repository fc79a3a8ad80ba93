// monitor.ts: MONITOR: every command that runs, shown to those who asked for it.
//
//   +1767225600.000123 [0 127.0.0.1:50001] "set" "k" "v"
//
// A line has the time, the database, the client (its address, "unix:" and the path, or "lua"), and the arguments, quoted;
// secrets are hidden. Commands are shown when they ran, those of a transaction before EXEC; one that waits is shown once.
// Administrative commands are not shown. While nobody monitors, no command pays for it: GATE_MONITOR is not set.
//
// Source followed: valkey-doc, MONITOR.

import { fromLatin1, quotedString } from "../bytes/ascii.ts";
import { ADMIN, SKIP_MONITOR } from "../commands/spec.ts";
import type { Engine } from "./engine.ts";
import { GATE_MONITOR } from "./gates.ts";
import type { Session } from "./session.ts";

const HIDDEN = '"(redacted)"';

/** The sessions that monitor. */
export class Monitors {
  private engine: Engine;
  private sessions = new Set<Session>();
  /** Wall time in microseconds at zero of the monotonic clock. */
  private baseUs = 0;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  add(session: Session): void {
    this.sessions.add(session);
    session.gates |= GATE_MONITOR;
    this.engine.gates |= GATE_MONITOR;
  }

  drop(session: Session): void {
    if (!this.sessions.delete(session)) return;
    session.gates &= ~GATE_MONITOR;
    if (this.sessions.size === 0) this.engine.gates &= ~GATE_MONITOR;
  }

  /** Shows the command in the context, which ran for the session; `source` replaces the client's address. */
  show(session: Session, id: number, source = addressOf(session)): void {
    const { ctx, table } = this.engine;
    if ((table.flags[id] & (ADMIN | SKIP_MONITOR)) !== 0) return;
    const { isSecret } = table.specs[id];
    const words: string[] = [];
    for (let i = 0; i < ctx.argc; i++) {
      const hides = isSecret !== undefined && isSecret(ctx, i);
      words.push(hides ? HIDDEN : quotedString(ctx.argBuf, ctx.off[i], ctx.len[i]));
    }
    const text = `+${this.stamp()} [${session.dbIndex} ${source}] ${words.join(" ")}\r\n`;
    const bytes = fromLatin1(text);
    for (const monitor of this.sessions) monitor.push(bytes);
  }

  /** Seconds and microseconds. Between two milliseconds of the wall clock the monotonic one counts on. */
  private stamp(): string {
    const { clock } = this.engine.server;
    const wallUs = clock.wallMs() * 1000;
    const us = Math.floor(clock.monotonicUs());
    const now = this.baseUs + us;
    if (now < wallUs || now >= wallUs + 1000) this.baseUs = wallUs - us;
    const micros = this.baseUs + us;
    const seconds = Math.floor(micros / 1000000);
    return `${seconds}.${String(micros - seconds * 1000000).padStart(6, "0")}`;
  }
}

function addressOf(session: Session): string {
  const { remote, socket } = session;
  return socket.isUnix ? `unix:${remote.replace(/:0$/, "")}` : remote;
}
