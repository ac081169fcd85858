use testkit::TestApp;

#[tokio::test]
async fn the_page_loads_all_it_needs_from_here() {
    let app = TestApp::new().await;
    let caller = app.anonymous();
    let moved = caller.get("/api/docs").await;
    assert_eq!(
        (moved.status(), moved.header("location")),
        (308, Some("/api/docs/"))
    );
    let page = caller.get("/api/docs/").await;
    page.assert_status(200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let text = page.text();
    let linked = text.split(['"', '\'']).filter(|link| link.starts_with("./"));
    let linked: Vec<_> = linked.collect();
    assert!(linked.len() >= 3, "{linked:?}");
    for link in linked {
        let file = caller.get(&format!("/api/docs/{}", &link[2..])).await;
        file.assert_status(200);
    }
    assert!(
        !text.contains("http://") && !text.contains("https://"),
        "loads from elsewhere"
    );
}

#[tokio::test]
async fn the_page_shows_the_document_beside_it() {
    let app = TestApp::new().await;
    let script = app.anonymous().get("/api/docs/swagger-initializer.js").await;
    script.assert_status(200);
    assert!(script.text().contains("../openapi.json"), "{}", script.text());
}

#[tokio::test]
async fn an_unknown_file_is_404() {
    let app = TestApp::new().await;
    for path in [
        "nothing.js",
        "../openapi.json",
        "a/b/c",
        "%2e%2e/%2e%2e/Cargo.toml",
    ] {
        let answer = app.anonymous().get(&format!("/api/docs/{path}")).await;
        answer.assert_problem(404, "not_found");
    }
}
