/** Encrypts small secrets at rest: AES-256-GCM under the master key, with a key id in front. */
export interface SecretBox {
  seal(plain: string): string;
  /** Rejects with code BadSecret where the text was not sealed under a key we hold. */
  open(sealed: string): string;
}
