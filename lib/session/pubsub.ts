// pubsub.ts: who subscribed to what, and the way of a message.
//
//   channels   name -> sessions           patterns   name -> its bytes, sessions           shards   name -> sessions
//   session.subscriptions: the same, the other way round; null for those that never subscribed
//
// A message is encoded at most once for each protocol and kind of subscription, and the same bytes are handed to all
// sessions (Session.push). They leave when the batch of the publisher is through, so that messages of a pipeline go
// out in one write for each subscriber.
//
// COSTS: subscribing O(1), publishing O(subscribers + patterns). Source followed: valkey's PUBLISH and SUBSCRIBE.

import { fromLatin1, latin1 } from "../bytes/ascii.ts";
import { globMatch } from "../bytes/glob.ts";
import { ReplyWriter } from "../codec/reply_writer.ts";
import type { ClientView } from "../commands/client_view.ts";
import type { PubSubView, SubscriptionKind } from "../commands/pubsub_view.ts";
import { GATE_PUBSUB } from "./gates.ts";
import type { Session } from "./session.ts";

/** Subscriptions of one session: names in the order of subscribing. */
export type Subscriptions = Readonly<Record<SubscriptionKind, Set<string>>>;

/** One channel or pattern. */
interface Topic {
  readonly name: Uint8Array;
  readonly sessions: Set<Session>;
}

const MESSAGE = fromLatin1("message");
const SHARD_MESSAGE = fromLatin1("smessage");
const PATTERN_MESSAGE = fromLatin1("pmessage");

/** How many subscriptions a session has of a kind. */
export function subscriptionCount(session: Session, kind: SubscriptionKind): number {
  return session.subscriptions === null ? 0 : session.subscriptions[kind].size;
}

/** All subscriptions of an engine. */
export class PubSub implements PubSubView {
  private topics: Readonly<Record<SubscriptionKind, Map<string, Topic>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };
  private writer = new ReplyWriter();

  /** Whether nobody would get any message to a channel. */
  get isDeserted(): boolean {
    return this.topics.channel.size === 0 && this.topics.pattern.size === 0;
  }

  countNames(kind: SubscriptionKind): number {
    return this.topics[kind].size;
  }

  countSubscribers(kind: SubscriptionKind, name: string): number {
    return this.topics[kind].get(name)?.sessions.size ?? 0;
  }

  names(kind: SubscriptionKind): Iterable<string> {
    return this.topics[kind].keys();
  }

  namesOf(client: ClientView, kind: SubscriptionKind): Iterable<string> {
    return (client as Session).subscriptions?.[kind] ?? [];
  }

  countOf(client: ClientView, kind: SubscriptionKind): number {
    const session = client as Session;
    if (kind === "shard") return subscriptionCount(session, "shard");
    return subscriptionCount(session, "channel") + subscriptionCount(session, "pattern");
  }

  subscribe(client: ClientView, kind: SubscriptionKind, name: string): void {
    const session = client as Session;
    session.subscriptions ??= { channel: new Set(), pattern: new Set(), shard: new Set() };
    session.subscriptions[kind].add(name);
    session.gates |= GATE_PUBSUB;
    const topics = this.topics[kind];
    const topic = topics.get(name);
    if (topic !== undefined) topic.sessions.add(session);
    else topics.set(name, { name: fromLatin1(name), sessions: new Set([session]) });
  }

  unsubscribe(client: ClientView, kind: SubscriptionKind, name: string): void {
    const session = client as Session;
    const own = session.subscriptions;
    if (own === null || !own[kind].delete(name)) return;
    const topics = this.topics[kind];
    const topic = topics.get(name) as Topic;
    topic.sessions.delete(session);
    if (topic.sessions.size === 0) topics.delete(name);
    if (own.channel.size + own.pattern.size + own.shard.size === 0) session.gates &= ~GATE_PUBSUB;
  }

  /** Ends all subscriptions of a session without a word. */
  drop(session: Session): void {
    if (session.subscriptions === null) return;
    for (const kind of ["channel", "pattern", "shard"] as const) {
      for (const name of [...session.subscriptions[kind]]) this.unsubscribe(session, kind, name);
    }
    session.subscriptions = null;
  }

  publish(
    kind: "channel" | "shard",
    channelBuf: Uint8Array,
    channelOff: number,
    channelLen: number,
    buf: Uint8Array,
    off: number,
    len: number,
  ): number {
    let sent = 0;
    const topics = this.topics[kind];
    const { writer } = this;
    if (topics.size > 0) {
      const topic = topics.get(latin1(channelBuf, channelOff, channelLen));
      if (topic !== undefined) {
        const word = kind === "shard" ? SHARD_MESSAGE : MESSAGE;
        sent += this.send(topic, () => {
          writer.push(3);
          writer.bulk(word, 0, word.length);
          writer.bulk(channelBuf, channelOff, channelLen);
          writer.bulk(buf, off, len);
        });
      }
    }
    if (kind === "shard") return sent;
    for (const topic of this.topics.pattern.values()) {
      const { name } = topic;
      if (!globMatch(name, 0, name.length, channelBuf, channelOff, channelLen, false)) continue;
      sent += this.send(topic, () => {
        writer.push(4);
        writer.bulk(PATTERN_MESSAGE, 0, PATTERN_MESSAGE.length);
        writer.bulk(name, 0, name.length);
        writer.bulk(channelBuf, channelOff, channelLen);
        writer.bulk(buf, off, len);
      });
    }
    return sent;
  }

  /** Hands what `write` puts into the writer to all sessions of a topic. Returns how many these are. */
  private send({ sessions }: Topic, write: () => void): number {
    const count = sessions.size;
    let resp2: Uint8Array | null = null;
    let resp3: Uint8Array | null = null;
    for (const session of sessions) {
      if (session.proto === 3) session.push(resp3 ??= this.encode(3, write));
      else session.push(resp2 ??= this.encode(2, write));
    }
    return count;
  }

  private encode(proto: number, write: () => void): Uint8Array {
    const { writer } = this;
    writer.proto = proto;
    write();
    const bytes = writer.buf.slice(0, writer.pos);
    writer.clear();
    return bytes;
  }
}
