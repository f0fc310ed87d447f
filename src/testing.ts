/**
 * Test doubles: a meeting in memory with scripted people, a clock that stands still until it is told to go on, and a backend
 * whose answers a script gives. They stand in for real ones, deterministically, and are not for production.
 */
export { VirtualClock } from './clock.js';
export { ScriptedBackend, ScriptedSession } from './realtime/testing/scripted-backend.js';
export { FakeMeeting, type FakePerson, type ParticipantObserver } from './room/testing/fake-meeting.js';
export { MemoryRoom } from './room/testing/memory-room.js';
