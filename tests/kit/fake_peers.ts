// fake_peers.ts: connections from a world to another one, both in memory. Nothing arrives before `deliver`.

import type { NoPeer, Peer, PeerAnswer, PeersView } from "../../lib/commands/server_view.ts";
import { latin1 } from "./resp.ts";
import { type MemoryClient, World } from "./world.ts";

class FakePeer implements Peer {
  database = "-1";
  isClosed = false;
  private readonly peers: FakePeers;
  private readonly client: MemoryClient;

  constructor(peers: FakePeers) {
    this.peers = peers;
    this.client = peers.target.connect();
  }

  exchange(
    request: Uint8Array,
    lineCount: number,
    timeoutMs: number,
    done: (answer: PeerAnswer) => void,
  ): void {
    const text = latin1(request, 0, request.length);
    const words = text.split(/^\*\d+\r\n/m).slice(1).map((one) => one.split("\r\n")[1]);
    this.peers.seen.push(`${words.join(" ")} (${lineCount} lines, ${timeoutMs} ms)`);
    this.peers.pending.push(() => {
      const prepared = this.peers.answers.shift();
      if (prepared !== undefined) return done(prepared);
      this.client.sendRaw(text);
      const lines = this.client.socket.reader.take().split("\r\n").slice(0, -1);
      done({ lines, failure: "", isTimeout: false });
    });
  }

  close(): void {
    this.isClosed = true;
    this.peers.seen.push("close");
    this.peers.forget(this);
  }
}

/** The connections of a world to `target`, which is at every address. */
export class FakePeers implements PeersView {
  readonly target: World;
  /** What was asked for: "connect host:port", the commands of a request, "close". */
  seen: string[] = [];
  /** What has been asked for and not been delivered. */
  pending: (() => void)[] = [];
  /** Answers of the next exchanges, in place of those of the target. */
  answers: PeerAnswer[] = [];
  /** Why nobody can be connected to. */
  problem: NoPeer | null = null;
  private peer: FakePeer | null = null;

  constructor(target = new World()) {
    this.target = target;
  }

  get count(): number {
    return this.peer === null ? 0 : 1;
  }

  connect(
    host: string,
    port: number,
    timeoutMs: number,
    done: (peer: Peer | NoPeer) => void,
  ): void {
    this.seen.push(`connect ${host}:${port} (${timeoutMs} ms)`);
    this.pending.push(() => {
      if (this.problem !== null) return done(this.problem);
      this.peer ??= new FakePeer(this);
      done(this.peer);
    });
  }

  forget(peer: FakePeer): void {
    if (this.peer === peer) this.peer = null;
  }

  /** Lets everything arrive that was asked for. */
  deliver(): void {
    for (let next = this.pending.shift(); next !== undefined; next = this.pending.shift()) next();
  }

  /** What was asked for since the last call. */
  take(): string[] {
    const { seen } = this;
    this.seen = [];
    return seen;
  }
}
