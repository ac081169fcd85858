mod batch;
mod create;
mod get;
mod list;
mod list_of_session;
mod list_of_user;
mod update;
