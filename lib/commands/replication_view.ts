// replication_view.ts: who follows this server and whom it follows, as commands see it. Implemented by the process
// (server/replication.ts).

import type { ClientView } from "./client_view.ts";

/** How far the connection to the primary is, in the words of ROLE. */
export type LinkState = "none" | "connect" | "connecting" | "handshake" | "sync" | "connected";

/** The primary this server follows. */
export interface PrimaryState {
  host: string;
  port: number;
  link: LinkState;
  /** Seconds since anything came from it, -1 while there is no connection. */
  lastIoSeconds: number;
  /** Number of the last byte of its stream that came, and that was applied. */
  readOffset: number;
  offset: number;
  /** The snapshot on its way; null when there is none. Its total is 0 while unknown. */
  transfer: { total: number; read: number; lastIoSeconds: number } | null;
  /** Since when the connection is down, -1 when it never was up. */
  downSeconds: number;
}

/** One who follows this server. */
export interface ReplicaState {
  ip: string;
  port: number;
  state: "wait_bgsave" | "send_bulk" | "online";
  /** Number of the last byte it has acknowledged. */
  offset: number;
  lagSeconds: number;
}

/** Everything at a glance. */
export interface ReplicationState {
  primary: PrimaryState | null;
  replicas: readonly ReplicaState[];
  /** Replicas that are online and not late. */
  goodReplicas: number;
  failover: "no-failover" | "waiting-for-sync" | "failover-in-progress";
  /** A snapshot is being made for replicas. */
  isSavingForReplicas: boolean;
  id: string;
  id2: string;
  offset: number;
  secondOffset: number;
  /** Null while nothing is kept. */
  backlog: { first: number; length: number; bytes: number } | null;
  /** Bytes that wait for replicas besides what their connections hold. */
  replicaBytes: number;
}

/** What a client said of itself with REPLCONF. */
export interface ReplicaFacts {
  port: number;
  address: string;
  /** It can tell the end of a snapshot from a mark; it understands new ids. */
  knowsMark: boolean;
  knowsIds: boolean;
  /** It wants the snapshot and nothing behind it; of that, the functions only. */
  snapshotOnly: boolean;
  functionsOnly: boolean;
}

/** FAILOVER: to whom ("": to any), even one who has not all (after the time), and how long to wait (0: for ever). */
export interface FailoverOptions {
  host: string;
  port: number;
  isForced: boolean;
  timeoutMs: number;
}

/** Replication. */
export interface ReplicationView {
  readonly isReplica: boolean;
  state(): ReplicationState;
  /** Follows another server from now on; false when it is the one that is followed already. */
  follow(host: string, port: number, client: ClientView): boolean;
  /** Follows nobody. */
  promote(client: ClientView): void;
  /** PSYNC, or SYNC without `id`; `next` is NaN when it was no number. Returns "" or the error text. */
  sync(client: ClientView, id: string | null, next: number, isFailover: boolean): string;
  facts(client: ClientView): ReplicaFacts;
  /** An acknowledgement; `aofOffset` is -1 where there is no append-only file. */
  acknowledged(client: ClientView, offset: number, aofOffset: number): void;
  /** Acknowledges to the primary what was applied. */
  sendAck(): void;
  // ---- WAIT, WAITAOF
  /** Number of the last byte of the stream that the client's writes led to. */
  writeOffset(client: ClientView): number;
  /** Replicas that have applied, or have in their append-only file, all up to this byte. */
  countApplied(offset: number): number;
  countSynced(offset: number): number;
  /** Whether the own append-only file has all up to this byte on disk. */
  isSynced(offset: number): boolean;
  /** Asks replicas for acknowledgements; clients that wait for them are looked at when one comes. */
  requestAcks(): void;
  // ---- FAILOVER
  /** Begins to hand over. Returns "" or the error text. */
  failover(options: FailoverOptions): string;
  abortFailover(): string;
  // ---- DEBUG
  /** A new history. */
  renew(): void;
  /** Sends a command to the replicas, whatever it is. */
  emit(words: readonly Uint8Array[]): void;
}
