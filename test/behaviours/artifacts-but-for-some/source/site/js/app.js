globalThis.app = 1;
