// version.ts: the version of Sigrun and the Valkey release it follows.

/** This project's version. */
export const SIGRUN_VERSION = "0.1.0";
/** The release whose behaviour is followed; what clients are told. */
export const VALKEY_VERSION = "9.1.0";
/** What old clients are told in redis_version. */
export const REDIS_VERSION = "7.2.4";
