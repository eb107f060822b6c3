/** A256CBC-HS512 takes 64 bytes: half encrypts, half authenticates. */
export const keyLength = 64;

/** Short enough that nobody's key passes for an id, so that an id may be named in messages. */
export const keyIdPattern = /^[A-Za-z0-9_.-]{1,32}$/;
