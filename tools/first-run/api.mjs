import { Stopped } from './stopped.mjs';

/** The gateway's REST API, as any backend would call it. */
export class Api {
  /** @param {{ baseUrl: string, token: string }} options */
  constructor({ baseUrl, token }) {
    this.baseUrl = baseUrl;
    this.token = token;
  }

  get(path) {
    return this.#call('GET', path);
  }

  post(path, body) {
    return this.#call('POST', path, body);
  }

  delete(path) {
    return this.#call('DELETE', path);
  }

  /** @returns {Promise<unknown>} null when the gateway does not know the token or the object. */
  async find(path) {
    const { status, body } = await this.#fetch('GET', path);
    return status === 200 ? body : null;
  }

  async #call(method, path, body) {
    const answer = await this.#fetch(method, path, body);
    if (answer.status < 300) return answer.body;
    const { title, detail, code } = answer.body ?? {};
    throw new Stopped(
      `${method} ${path} was answered ${answer.status} ${code ?? ''}: ${detail ?? title ?? ''}`,
    );
  }

  async #fetch(method, path, body) {
    const request = { method, headers: { authorization: `Bearer ${this.token}` } };
    if (body !== undefined) {
      request.headers['content-type'] = 'application/json';
      request.body = JSON.stringify(body);
    }
    const response = await fetch(`${this.baseUrl}${path}`, request);
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }
}
