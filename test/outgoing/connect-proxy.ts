/** An HTTP proxy on loopback that takes CONNECT, wants a user and a password, and leads every name to one port. */
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export type ConnectProxy = {
  port: number;
  /** What was asked for, such as `realtime.test:443`. */
  asked: string[];
  /** It answers CONNECT with this status from now on; undefined: it lets through whoever has the password. */
  refuseWith: number | undefined;
  close(): Promise<void>;
};

export async function startConnectProxy(options: {
  user: string;
  password: string;
  leadsTo: number;
}): Promise<ConnectProxy> {
  const { user, password, leadsTo } = options;
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  const proxy: ConnectProxy = {
    port: 0,
    asked: [],
    refuseWith: undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  server.on('connect', (request, client: Socket) => {
    proxy.asked.push(request.url ?? '');
    const status =
      proxy.refuseWith ?? (request.headers['proxy-authorization'] === expected ? undefined : 407);
    if (status !== undefined) {
      client.end(
        `HTTP/1.1 ${status} No\r\nProxy-Authenticate: Basic realm="test"\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    const target = connect(leadsTo, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    sockets.add(target.on('error', () => client.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as AddressInfo).port;
  return proxy;
}
