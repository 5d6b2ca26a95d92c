/** A new database for a peer, on the server that Bellows uses. */
import { Client } from "pg";

let made = 0;

export async function newDatabase(serverUrl: string, prefix: string): Promise<string> {
  made += 1;
  const name = `${prefix}_${made}`;
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
