// tracking_view.ts: client-side caching as commands see it. Implemented by lib/session/tracking.ts.

import type { ClientView } from "./client_view.ts";

/** How one client wants to be told of keys that changed. */
export interface TrackingOptions {
  /** Id of the client that gets the messages; 0 is the client itself. */
  redirect: number;
  /** Of all keys with a prefix, read or not. */
  bcast: boolean;
  /** Only of keys read after CLIENT CACHING YES; of all but those after CLIENT CACHING NO. */
  optin: boolean;
  optout: boolean;
  /** Not of its own changes. */
  noloop: boolean;
}

/** A client that tracks. */
export interface ClientTracking extends Readonly<TrackingOptions> {
  /** CLIENT CACHING was said for the next command or transaction. */
  caching: boolean;
  /** The client that messages were redirected to is gone. */
  readonly isBroken: boolean;
  /** With BCAST: latin-1, in the order of their bytes. */
  readonly prefixes: readonly string[];
}

/** Tracking of all clients. */
export interface TrackingView {
  /** Null when the client does not track. */
  of(client: ClientView): ClientTracking | null;
  /** Switches tracking on, or changes its options; with `bcast` the prefixes come on top of those there are. */
  enable(client: ClientView, options: TrackingOptions, prefixes: readonly string[]): void;
  disable(client: ClientView): void;
  /** To be called when databases are emptied: whatever a client keeps is out of date. */
  invalidateAll(): void;
  /** Clients that track. */
  readonly clientCount: number;
  /** Keys remembered, clients remembered for them in all, and prefixes. */
  readonly keyCount: number;
  readonly itemCount: number;
  readonly prefixCount: number;
}
