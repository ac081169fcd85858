mod create;
mod get;
mod list;
mod sentiment;
mod update;
