/** A way to a server that can be cut: what is sent meanwhile arrives when it is mended, as on a network. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** An address, or a Unix socket. */
type Target = { host: string; port: number } | { path: string };

/** See the head of this file. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  /** What is to happen on the other side. */
  #held: (() => void)[] = [];

  private constructor(target: Target) {
    this.#server = createServer((client) => {
      const server = connect(target);
      this.#forward(client, server);
      this.#forward(server, client);
    });
  }

  static async start(target: Target, host = '127.0.0.1'): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, host, resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nothing passes, and nobody is told. */
  cut(): void {
    this.#isCut = true;
  }

  mend(): void {
    this.#isCut = false;
    const held = this.#held;
    this.#held = [];
    for (const happen of held) happen();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #forward(from: Socket, to: Socket): void {
    const pass = (happen: () => void): void => {
      if (this.#isCut) this.#held.push(happen);
      else happen();
    };
    this.#sockets.add(from);
    from.on('data', (data) => pass(() => to.write(data)));
    from.on('end', () => pass(() => to.end()));
    from.on('error', () => undefined);
    from.once('close', () => {
      this.#sockets.delete(from);
      pass(() => to.destroy());
    });
  }
}
