// What AWS's session-manager-plugin does for the AWS CLI, with somebody else's library for the protocol: started in its place.
import { DataChannelClient } from './data-channel.ts';

/** The CLI hands the session over in an environment variable from some version on, and warns of old ones. */
const VERSION = '1.3.0.0';

interface Granted {
  readonly SessionId: string;
  readonly StreamUrl: string;
  readonly TokenValue: string;
}

const [given = '--version', , operation] = process.argv.slice(2);
if (given === '--version') {
  process.stdout.write(`${VERSION}\n`);
} else {
  if (operation !== 'StartSession') throw new Error('Invalid Operation');
  const response = given.startsWith('AWS_SSM_START_SESSION_RESPONSE') ? process.env[given]! : given;
  const { SessionId, StreamUrl, TokenValue } = JSON.parse(response) as Granted;
  process.stdout.write(`\nStarting session with SessionId: ${SessionId}\n`);
  const client = await DataChannelClient.connect({ url: StreamUrl, token: TokenValue, handshake: true, columns: 90, rows: 20 });
  process.stdin.on('data', (chunk: Buffer) => client.type(chunk.toString()));
  const code = await client.closed;
  process.stdout.write(client.output);
  process.stdout.write(
    client.farewell === ''
      ? `\n\nExiting session with sessionId: ${SessionId}.\n\n`
      : `\n\nSessionId: ${SessionId} : ${client.farewell}\n\n`,
  );
  process.exitCode = code === 1000 ? 0 : 1;
  process.stdin.destroy();
}
