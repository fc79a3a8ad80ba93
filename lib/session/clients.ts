// clients.ts: the registry of connections, CLIENT LIST lines, filters, pause.

import type {
  ClientFilter,
  ClientsSummary,
  ClientsView,
  ClientView,
  PauseMode,
} from "../commands/client_view.ts";
import type { Engine } from "./engine.ts";
import { GATE_PAUSE } from "./execute.ts";
import { HOLD_BLOCKED, HOLD_PAUSE, type Session } from "./session.ts";

/** All sessions of an engine by id. */
export class Clients implements ClientsView {
  private engine: Engine;
  readonly sessions = new Map<number, Session>();
  pausedUntilMs = 0;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  get count(): number {
    return this.sessions.size;
  }

  summary(): ClientsSummary {
    const { engine } = this;
    const isPaused = (engine.gates & GATE_PAUSE) !== 0 && this.pausedUntilMs > engine.ctx.nowMs;
    const sums: ClientsSummary = {
      blocked: 0,
      tracking: 0,
      pubsub: 0,
      watching: engine.watches.clientCount,
      watchedKeys: engine.watches.keyCount,
      inputBytesMax: 0,
      outputBytesMax: 0,
      bytes: 0,
      paused: isPaused ? engine.pauseMode : null,
      pausedUntilMs: this.pausedUntilMs,
    };
    for (const session of this.sessions.values()) {
      if ((session.hold & HOLD_BLOCKED) !== 0) sums.blocked++;
      sums.inputBytesMax = Math.max(sums.inputBytesMax, session.input?.length ?? 0);
      sums.outputBytesMax = Math.max(sums.outputBytesMax, session.pendingBytes);
      sums.bytes += sessionBytes(session);
    }
    return sums;
  }

  byId(id: number): Session | null {
    return this.sessions.get(id) ?? null;
  }

  describe(client: ClientView): string {
    return describeClient(this.engine, client as Session);
  }

  select(filter: ClientFilter, self: ClientView): ClientView[] {
    const found = [];
    for (const session of this.sessions.values()) {
      if (filter.skipMe === true && session === self) continue;
      if (matches(this.engine, session, filter)) found.push(session);
    }
    return found;
  }

  kill(client: ClientView, self: ClientView): void {
    const session = client as Session;
    if (session === self) session.closeAfterReply();
    else session.close();
  }

  pause(mode: PauseMode, untilMs: number): void {
    const { engine } = this;
    const active = (engine.gates & GATE_PAUSE) !== 0;
    // A pause under way is never weakened or shortened by a new one.
    if (!active || mode === "all") engine.pauseMode = mode;
    this.pausedUntilMs = active ? Math.max(this.pausedUntilMs, untilMs) : untilMs;
    engine.gates |= GATE_PAUSE;
  }

  unpause(): void {
    this.pausedUntilMs = 0;
    this.engine.gates &= ~GATE_PAUSE;
    this.engine.later(() => {
      for (const session of this.sessions.values()) {
        if ((session.hold & HOLD_PAUSE) !== 0) session.resume(HOLD_PAUSE);
      }
    });
  }

  unblock(_id: number, _withError: boolean): boolean {
    return false;
  }
}

/** The line of CLIENT LIST for one connection. */
export function describeClient(engine: Engine, session: Session): string {
  const nowMs = engine.ctx.nowMs;
  const transaction = session.transaction;
  const multi = session.inMulti ? transaction?.queue.length ?? 0 : -1;
  const last = session.lastCommand;
  return [
    `id=${session.id}`,
    `addr=${session.remote}`,
    `laddr=${session.local}`,
    `fd=${session.socket.fd}`,
    `name=${session.name}`,
    `age=${Math.floor((nowMs - session.createdMs) / 1000)}`,
    `idle=${Math.floor((nowMs - session.lastActiveMs) / 1000)}`,
    `flags=${clientFlags(session)}`,
    `capa=${session.capaRedirect ? "r" : ""}`,
    `db=${session.dbIndex}`,
    `sub=0`,
    `psub=0`,
    `ssub=0`,
    `multi=${multi}`,
    `watch=${transaction?.watched.length ?? 0}`,
    `qbuf=${session.inputBytes}`,
    `qbuf-free=${session.input === null ? 0 : session.input.length - session.inputEnd}`,
    `argv-mem=0`,
    `multi-mem=${transaction?.queueBytes ?? 0}`,
    `rbs=0`,
    `rbp=0`,
    `obl=0`,
    `oll=${session.pending.length}`,
    `omem=${session.pendingBytes}`,
    `tot-mem=${sessionBytes(session)}`,
    `events=${session.pendingBytes > 0 ? "rw" : "r"}`,
    `cmd=${last < 0 ? "NULL" : engine.table.specs[last].name.toLowerCase()}`,
    `user=${session.user}`,
    `redir=-1`,
    `resp=${session.proto}`,
    `lib-name=${session.libName}`,
    `lib-ver=${session.libVer}`,
    `tot-net-in=${session.netIn}`,
    `tot-net-out=${session.netOut}`,
    `tot-cmds=${session.commands}`,
  ].join(" ");
}

/** Bytes a session holds in buffers, roughly. */
export function sessionBytes(session: Session): number {
  return 512 + (session.input?.length ?? 0) + session.pendingBytes +
    (session.transaction?.queueBytes ?? 0);
}

function clientFlags(session: Session): string {
  let flags = "";
  if (session.inMulti) flags += "x";
  if (session.transaction?.changed) flags += "d";
  if (session.closing) flags += "c";
  if (session.socket.isUnix) flags += "U";
  if (session.noEvict) flags += "e";
  if (session.noTouch) flags += "T";
  if (session.importSource) flags += "I";
  return flags === "" ? "N" : flags;
}

function matches(engine: Engine, session: Session, filter: ClientFilter): boolean {
  const nowMs = engine.ctx.nowMs;
  if (filter.ids !== undefined && !filter.ids.includes(session.id)) return false;
  if (filter.type !== undefined && filter.type !== "normal") return false;
  if (filter.user !== undefined && filter.user !== session.user) return false;
  if (filter.addr !== undefined && filter.addr !== session.remote) return false;
  if (filter.laddr !== undefined && filter.laddr !== session.local) return false;
  if (filter.name !== undefined && filter.name !== session.name) return false;
  if (filter.libName !== undefined && filter.libName !== session.libName) return false;
  if (filter.libVer !== undefined && filter.libVer !== session.libVer) return false;
  if (filter.db !== undefined && filter.db !== session.dbIndex) return false;
  if (filter.maxAge !== undefined && (nowMs - session.createdMs) / 1000 < filter.maxAge) {
    return false;
  }
  if (filter.idle !== undefined && (nowMs - session.lastActiveMs) / 1000 < filter.idle) {
    return false;
  }
  return true;
}
