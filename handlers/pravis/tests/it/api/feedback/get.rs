use domain::keys::Scope;
use testkit::{TestApp, id};

#[tokio::test]
async fn an_unknown_id_is_404() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for name in [id(9), "no-uuid".to_owned()] {
        let answer = caller.get(&format!("/api/v1/feedback/{name}")).await;
        answer.assert_problem(404, "not_found");
    }
}
