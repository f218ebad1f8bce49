import { Id } from './copy';

export interface Person {
  user_id: string;
  name: string;
}

/** Who did something: accounts have names here; keys and services are known by their id alone. */
export function Author({ id, people }: { id: string; people: Person[] }) {
  const person = people.find(({ user_id }) => user_id === id);
  if (person) return person.name;
  return id.length > 12 ? <Id value={id} what="id of who did it" /> : id;
}
