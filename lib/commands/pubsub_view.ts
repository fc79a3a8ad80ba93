// pubsub_view.ts: subscriptions as commands see them. Implemented by lib/session/pubsub.ts.
//
// There are three kinds of subscriptions. Channels and patterns belong together: a message to a channel reaches those who
// subscribed to it and those with a pattern that matches, and replies count both. Shard channels are a world apart.
// Names are latin-1 (one character per byte).

import type { ClientView } from "./client_view.ts";

export type SubscriptionKind = "channel" | "pattern" | "shard";

/** All subscriptions of a server. */
export interface PubSubView {
  /** Number of channels, patterns or shard channels that somebody subscribed to. */
  countNames(kind: SubscriptionKind): number;
  /** Subscribers of a channel or shard channel, patterns aside. */
  countSubscribers(kind: SubscriptionKind, name: string): number;
  /** Channels or shard channels that somebody subscribed to. */
  names(kind: SubscriptionKind): Iterable<string>;
  /** Subscriptions of one client in the order in which they were made. */
  namesOf(client: ClientView, kind: SubscriptionKind): Iterable<string>;
  /** What replies about `kind` count: channels and patterns of the client, or its shard channels. */
  countOf(client: ClientView, kind: SubscriptionKind): number;
  /** Subscribes the client, unless it has that subscription. */
  subscribe(client: ClientView, kind: SubscriptionKind, name: string): void;
  unsubscribe(client: ClientView, kind: SubscriptionKind, name: string): void;
  /**
   * Sends the message to the subscribers of a channel, and with "channel" to those with a matching pattern. The two
   * ranges are channel and message. Returns how many messages were sent.
   */
  publish(
    kind: "channel" | "shard",
    channelBuf: Uint8Array,
    channelOff: number,
    channelLen: number,
    buf: Uint8Array,
    off: number,
    len: number,
  ): number;
}
