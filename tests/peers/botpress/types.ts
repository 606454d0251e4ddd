// What the types of @botpress/client and those of the description are compared by; the test appends a line for each operation.

import type { billing, ClientInputs, ClientOutputs } from '@botpress/client'
import type { operations } from './description'

declare global {
  // Without a type of this name, those of the client are `any`.
  interface Buffer extends Uint8Array { equals(other: Buffer): boolean }
}

type Inputs = ClientInputs & billing.ClientInputs
type Outputs = ClientOutputs & billing.ClientOutputs
type Given<P> = [P] extends [never] ? {} : P
type Content<B> = [B] extends [never] ? {} : B extends { content: { 'application/json': infer J } } ? Fields<J> : {}
// An empty object is described as a map of nothing.
type Fields<J> = Record<string, never> extends J ? (string extends keyof J ? {} : J) : J
type Request<O> = O extends { parameters: { path?: infer P; query?: infer Q }; requestBody?: infer B }
  ? Given<NonNullable<P>> & Given<NonNullable<Q>> & Content<NonNullable<B>>
  : never
type Response<O> = O extends { responses: infer R } ? Content<R[keyof R & (200 | 201)]> : never
// The paths of all properties, as `user.tags`.
type Properties<T, Depth extends 0[] = []> = Depth['length'] extends 5
  ? never
  : T extends readonly (infer E)[]
    ? Properties<E, Depth>
    : T extends object
      ? string extends keyof T
        ? never
        : { [K in keyof T & string]: K | `${K}.${Properties<NonNullable<T[K]>, [...Depth, 0]>}` }[keyof T & string]
      : never

declare function some<T>(): T;

