// tls.ts: a plain socket made a secured one.
//
// As in the original client the certificate of the server must be signed by a trusted authority,
// but it need not name the host: servers of this kind are reached by address, with certificates
// that name none.

import { readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { ConnectError, type TlsSettings } from "./connection.ts";
import { systemText } from "./io.ts";
import type { Options } from "./options.ts";

/** Reads the files the options name. Throws ConnectError when one cannot be read. */
export function readTlsSettings(options: Options, host: string): TlsSettings {
  const isName = !/^[\d.]+$/.test(host) && !host.includes(":");
  return {
    serverName: options.sni ?? (isName ? host : null),
    ca: readAuthorities(options),
    certificate: readOrNull(options.certFile, "Invalid client certificate"),
    key: readOrNull(options.keyFile, "Invalid private key"),
    ciphers: options.tlsCiphers,
    cipherSuites: options.tlsCipherSuites,
    insecure: options.insecure,
  };
}

/** Runs the handshake over `socket`. Throws ConnectError. */
export function secure(socket: Socket, settings: TlsSettings): Promise<Socket> {
  const ciphers = [settings.cipherSuites, settings.ciphers].filter((list) => list !== null);
  return new Promise((resolve, reject) => {
    const secured = connect({
      socket,
      rejectUnauthorized: !settings.insecure,
      checkServerIdentity: () => undefined,
      ...(settings.serverName === null ? {} : { servername: settings.serverName }),
      ...(settings.ca.length === 0 ? {} : { ca: settings.ca.map(asText) }),
      ...(settings.certificate === null ? {} : { cert: asText(settings.certificate) }),
      ...(settings.key === null ? {} : { key: asText(settings.key) }),
      ...(ciphers.length === 0 ? {} : { ciphers: ciphers.join(":") }),
    });
    const fail = (error: unknown): void => {
      secured.removeAllListeners();
      secured.on("error", () => {}); // a second failure of a socket that was given up
      socket.destroy();
      reject(new ConnectError(systemText(error), true));
    };
    secured.once("error", fail);
    secured.once("secureConnect", () => {
      secured.removeListener("error", fail);
      resolve(secured);
    });
  });
}

function asText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function readAuthorities(options: Options): Uint8Array[] {
  const problem = "Invalid CA Certificate File/Directory";
  const found: Uint8Array[] = [];
  const file = readOrNull(options.caFile, problem);
  if (file !== null) found.push(file);
  if (options.caFolder !== null) {
    try {
      for (const name of readdirSync(options.caFolder)) {
        if (/\.(pem|crt|cer)$|\.\d+$/.test(name)) {
          found.push(readFileSync(join(options.caFolder, name)));
        }
      }
    } catch {
      throw new ConnectError(problem, true);
    }
  }
  return found;
}

function readOrNull(path: string | null, problem: string): Uint8Array | null {
  if (path === null) return null;
  try {
    return readFileSync(path);
  } catch {
    throw new ConnectError(problem, true);
  }
}
