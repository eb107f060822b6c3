import { type AlertMessage, NetworkError, type Notifier, type Secret } from "@titan-sync/core";
import { messageLines } from "./message-text.js";

export interface MailOptions {
  readonly channel: string;
  readonly to: string;
  readonly from: string;
  /** `smtps://user:password@host:465`, or `smtp://` with STARTTLS. */
  readonly smtpUrl: Secret;
}

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** How long the mail server may take for each step, in milliseconds. */
const patienceMs = 10_000;

/** Sends messages as mails. A repeat has the same Message-ID, by which mail programs may drop it. */
export function mailChannel({ channel, to, from, smtpUrl }: MailOptions): Notifier {
  return {
    channel,
    async send({ key, body, createdAt }, { signal }) {
      const message = JSON.parse(body) as AlertMessage;
      // Most programs never send a mail.
      const { createTransport } = await import("nodemailer");
      const url = new URL(smtpUrl.reveal());
      // Without it, a server between could turn encryption off and read the password.
      const requireTLS = url.protocol === "smtp:" && !loopback.test(url.hostname);
      const timeouts = {
        connectionTimeout: patienceMs,
        greetingTimeout: patienceMs,
        socketTimeout: patienceMs,
      };
      const transport = createTransport({ url: url.href, requireTLS, ...timeouts });
      const close = (): void => transport.close();
      signal.addEventListener("abort", close, { once: true });
      try {
        await transport.sendMail({
          ...{ from, to, subject: `[Titan Sync] ${message.title}` },
          text: [message.title, "", ...messageLines(message)].join("\n"),
          messageId: `<${key}@titan-sync>`,
          date: new Date(createdAt),
          headers: { "Auto-Submitted": "auto-generated" },
          disableFileAccess: true,
          disableUrlAccess: true,
        });
      } catch (error) {
        signal.throwIfAborted();
        // Its message may name the user.
        throw new NetworkError("The mail server did not take a message about an alert.", { cause: error });
      } finally {
        signal.removeEventListener("abort", close);
        transport.close();
      }
    },
  };
}
